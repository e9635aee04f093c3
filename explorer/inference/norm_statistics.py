"""What batch normalisation remembers of its training, against what a batch of images has; free of torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NormParameters:
    """For each channel the running mean and variance, and gamma and beta (1 and 0 where the layer has none)."""

    mean: Floats
    variance: Floats
    gamma: Floats
    beta: Floats
    eps: float
    tracked: int  # batches that the running statistics were made of, 0 where it is not known


@dataclass(frozen=True, eq=False)
class ImageSums:
    """Of what enters the layer: for each image and channel the sum and the sum of squares over `values` places."""

    values: int
    sums: Floats  # [images, channels]
    squares: Floats

    @property
    def images(self) -> int:
        return len(self.sums)

    def joined(self, other: ImageSums) -> ImageSums:
        """These images, then the others.

        Raises:
            ValueError: they are of another layer.
        """
        if self.values != other.values or self.sums.shape[1] != other.sums.shape[1]:
            raise ValueError("statistics of different layers cannot be joined")
        return ImageSums(
            self.values, np.concatenate((self.sums, other.sums)), np.concatenate((self.squares, other.squares))
        )


@dataclass(frozen=True, eq=False)
class BatchStatistics:
    """Of one batch, for each channel: mean and variance (divided by the count, as normalisation in training does).

    `output_mean` and `output_deviation` are of the layer's output when this batch is normalised with the running
    statistics, as in answers; with its own they would be beta and |gamma|. `shift` is output_mean - beta.
    """

    batch: int
    mean: Floats
    variance: Floats
    output_mean: Floats
    output_deviation: Floats
    shift: Floats


@dataclass(frozen=True)
class BatchSizeFigures:
    """What batches of one size are like, over `batches` of them and all channels.

    `mean_off` is the root of the mean square of (batch mean - running mean) / running deviation; `variance_ratio` the
    median of batch variance over running variance.
    """

    batch: int
    batches: int
    mean_off: float
    variance_ratio: float


def batch_statistics(parameters: NormParameters, sums: ImageSums, batch: int, first: int = 0) -> BatchStatistics:
    """Of `batch` images from number `first` on.

    Raises:
        ValueError: there are not so many images.
    """
    if not 0 < batch <= sums.images - first:
        raise ValueError(f"{sums.images} images were measured, which hold no batch of {batch} from {first} on")
    mean, variance = _moments(sums, first, batch)
    scale = parameters.gamma / np.sqrt(parameters.variance + parameters.eps)
    output_mean = (mean - parameters.mean) * scale + parameters.beta
    return BatchStatistics(
        batch, mean, variance, output_mean, np.sqrt(variance) * np.abs(scale), output_mean - parameters.beta
    )


def by_batch_size(parameters: NormParameters, sums: ImageSums) -> tuple[BatchSizeFigures, ...]:
    """For batches of 1, 2, 4, ... images, as far as there are images: one after another, none twice."""
    figures = []
    size = 1
    deviation = np.sqrt(parameters.variance + parameters.eps)
    while size <= sums.images:
        count = sums.images // size
        parts = [_moments(sums, place * size, size) for place in range(count)]
        off = np.stack([(mean - parameters.mean) / deviation for mean, _ in parts])
        ratio = np.stack([variance / (parameters.variance + parameters.eps) for _, variance in parts])
        figures.append(BatchSizeFigures(size, count, float(np.sqrt((off**2).mean())), float(np.median(ratio))))
        size *= 2
    return tuple(figures)


def _moments(sums: ImageSums, first: int, batch: int) -> tuple[Floats, Floats]:
    count = batch * sums.values
    mean = sums.sums[first : first + batch].sum(axis=0) / count
    square = sums.squares[first : first + batch].sum(axis=0) / count
    return mean, np.maximum(square - mean**2, 0.0)
