"""Data resident on a device as bytes, handed out in batches that are varied and normalised there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from explorer.data.augment import augment, colour_axes_of, luminance
from explorer.data.augmentation import Augmentation
from explorer.data.split import Split

_AT_ONCE = 1024  # images prepared together: per batch of 128, the calls alone would cost as much as the work
_VALUES_AT_ONCE = 2**25  # of prepared images, 128 MB: a thousand of 572x572 would take ten times as much
_PAD_UP_TO = 4 / 3  # an input so many times larger than the picture gets a margin; a larger one an enlarged picture


@dataclass(frozen=True)
class Preprocessing:
    """What stands between a picture of bytes and a network.

    `input_shape` is (channels, height, width); pixels of 0 to 1 are normalised by `mean` and `std` of each channel.

    Raises:
        ValueError: the counts differ, or a standard deviation is not positive.
    """

    input_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __post_init__(self) -> None:
        channels = self.input_shape[0]
        if len(self.mean) != channels or len(self.std) != channels:
            raise ValueError(
                f"{channels} channels need as many means and deviations, not {len(self.mean)} and {len(self.std)}"
            )
        if min(self.std) <= 0:
            raise ValueError(f"standard deviations are positive, not {self.std}")


def preprocessing_for(
    input_shape: tuple[int, int, int],
    pixel_range: tuple[float, float] | None,
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> Preprocessing:
    """The preprocessing of a network with this input for a data set with this mean and standard deviation.

    `pixel_range` is what black and white become; None: the data set's own mean and deviation. Those of a grayscale
    data set serve all channels of a colour network, and a colour set's average serves a grayscale network.

    Raises:
        ValueError: `pixel_range` does not go upwards, or the counts of channels cannot be matched.
    """
    channels = input_shape[0]
    if pixel_range is not None:
        low, high = pixel_range
        if high <= low:
            raise ValueError(f"a pixel range goes from low to high, not from {low} to {high}")
        return Preprocessing(input_shape, (-low / (high - low),) * channels, (1 / (high - low),) * channels)
    return Preprocessing(input_shape, _matched(mean, channels), _matched(std, channels))


def prepare(images: Tensor, preprocessing: Preprocessing) -> Tensor:
    """What a network is given for pictures uint8 [N, C, H, W]: float32 [N, *input_shape], on the same device.

    A picture up to a third smaller than the input is centred in it on black; any other is scaled to fit, keeping its
    aspect, and centred. Grayscale serves all channels of a colour input; colour becomes its luminance (BT.601).

    Raises:
        ValueError: the pictures' channels cannot be matched to the input's.
    """
    return _normalised(images.to(torch.float32).div_(255), preprocessing)


def prepare_labels(labels: Tensor, preprocessing: Preprocessing) -> Tensor:
    """What a network should answer, int64, on the same device: classes [N] as they are, masks fitted as images are.

    Masks [N, H, W] hold a class for each pixel; they become [N, *input_shape[1:]], nearest, 0 beyond the picture.
    """
    if labels.ndim == 1:
        return labels.to(torch.int64)
    _, height, width = preprocessing.input_shape
    return _fitted(labels[:, None], height, width)[:, 0].to(torch.int64)


class ResidentBatches:
    """A whole split on one device as bytes.

    Args:
        split: the images and their labels or masks; copied.
        preprocessing: what each batch goes through.
        device: where they lie and where batches are made.
    """

    def __init__(self, split: Split, preprocessing: Preprocessing, device: torch.device | str = "cpu") -> None:
        self.preprocessing = preprocessing
        self.device = torch.device(device)
        self._images, self._labels = self._resident(split)
        self._colour_axes: Tensor | None = None

    def __len__(self) -> int:
        return len(self._labels)

    def steps(self, batch_size: int, extra: int = 0) -> int:
        """How many batches `epoch` gives with that many extra images."""
        count = len(self) + extra
        return count // batch_size + (count % batch_size > _ALONE)

    def epoch(
        self,
        seed: int,
        epoch: int,
        batch_size: int,
        augmentation: Augmentation | Callable[[], Augmentation] = Augmentation.NONE,
        extra: Split | None = None,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches (images float32 [B, *input_shape], labels int64 [B]) in an order drawn anew from (seed, epoch).

        Where the split has masks, they come in place of the labels, int64 [B, H, W] of the input's height and width,
        changed as their images are. `extra` images are mixed in. The last batch is a short one; a single image left
        over is left out, because batch norm cannot train on one. The same arguments give the same bits on the CPU. The
        tensors may be views of a larger one and must not be changed in place.

        Where `augmentation` is a function, it is asked whenever some batches are prepared, so that it may change.

        Raises:
            ValueError: `extra` has images of another shape, or `batch_size` is not positive.
        """
        if batch_size < 1:
            raise ValueError(f"a batch has at least one image, not {batch_size}")
        images, labels = self._images, self._labels
        if extra is not None and len(extra):
            more_images, more_labels = self._resident(extra)
            if more_images.shape[1:] != images.shape[1:]:
                raise ValueError(
                    f"extra images have the shape {tuple(images.shape[1:])}, not {tuple(more_images.shape[1:])}"
                )
            images, labels = torch.cat([images, more_images]), torch.cat([labels, more_labels])
        # Random numbers are drawn on the CPU, so that every device sees the same order and the same changes.
        generator = torch.Generator().manual_seed(_mixed(seed, epoch))
        order = torch.randperm(len(labels), generator=generator)
        order = order[: self.steps(batch_size, len(labels) - len(self)) * batch_size].to(self.device)
        at_once = min(_AT_ONCE, max(1, _VALUES_AT_ONCE // math.prod(self.preprocessing.input_shape)))
        for chosen in torch.split(order, max(1, at_once // batch_size) * batch_size):
            varied = augmentation() if callable(augmentation) else augmentation
            axes = self._axes() if varied.pca_colour else None
            # Whole images at once: indexing with a tensor copies byte by byte, ten times as slowly.
            pictures, wanted = images.index_select(0, chosen).to(torch.float32).div_(255), labels[chosen]
            if wanted.ndim == 1:
                pictures = augment(pictures, varied, generator, colour_axes=axes)
            else:
                pictures, wanted = augment(pictures, varied, generator, wanted, axes)
            prepared = _normalised(pictures, self.preprocessing)
            wanted = prepare_labels(wanted, self.preprocessing)
            yield from zip(torch.split(prepared, batch_size), torch.split(wanted, batch_size), strict=True)

    def in_order(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All images as they are, in the split's order, in batches like those of `epoch`; the last may be short."""
        for images, labels in zip(
            torch.split(self._images, batch_size), torch.split(self._labels, batch_size), strict=True
        ):
            yield prepare(images, self.preprocessing), prepare_labels(labels, self.preprocessing)

    def _resident(self, split: Split) -> tuple[Tensor, Tensor]:
        return (
            torch.tensor(split.images, dtype=torch.uint8, device=self.device),
            # Masks are as many as pixels: they stay bytes until a batch is made.
            torch.tensor(split.labels, dtype=torch.uint8 if split.has_masks else torch.int64, device=self.device),
        )

    def _axes(self) -> Tensor:
        if self._colour_axes is None:
            self._colour_axes = colour_axes_of(self._images)
        return self._colour_axes


_ALONE = 1


def _mixed(seed: int, epoch: int) -> int:
    """One seed from two, so that epoch 2 of seed 1 and epoch 1 of seed 2 have nothing in common."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _matched(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    if len(values) == channels:
        return values
    if len(values) == 1:
        return values * channels
    if channels == 1:
        return (sum(values) / len(values),)
    raise ValueError(f"a data set of {len(values)} channels does not fit an input of {channels}")


def _normalised(pictures: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Pictures float of 0 to 1, made into a network's input; they may be overwritten."""
    channels, height, width = preprocessing.input_shape
    fitted = _fitted(_channels(pictures, channels), height, width)
    mean = torch.tensor(preprocessing.mean, dtype=fitted.dtype, device=fitted.device)[:, None, None]
    std = torch.tensor(preprocessing.std, dtype=fitted.dtype, device=fitted.device)[:, None, None]
    return fitted.sub_(mean).div_(std)


def _channels(pictures: Tensor, channels: int) -> Tensor:
    given = pictures.shape[1]
    if given == channels:
        return pictures
    if given == 1:
        return pictures.repeat(1, channels, 1, 1)
    if given == 3 and channels == 1:
        return luminance(pictures)
    raise ValueError(f"pictures of {given} channels do not fit an input of {channels}")


def fitted_size(picture: tuple[int, int], field: tuple[int, int]) -> tuple[int, int]:
    """(height, width) that a picture has in a field: its own where it is as large or up to a third smaller."""
    scale = min(field[0] / picture[0], field[1] / picture[1])
    if 1 <= scale <= _PAD_UP_TO:
        return picture
    height, width = (min(limit, max(1, round(side * scale))) for side, limit in zip(picture, field, strict=True))
    return height, width


def _fitted(pictures: Tensor, height: int, width: int) -> Tensor:
    """Pictures [N, C, H, W] scaled and centred; where they are whole numbers, by the nearest, as masks need it."""
    size = fitted_size((pictures.shape[2], pictures.shape[3]), (height, width))
    if size != tuple(pictures.shape[2:]):
        if pictures.is_floating_point():
            pictures = functional.interpolate(pictures, size=size, mode="bilinear", antialias=True, align_corners=False)
        else:
            # "nearest" alone looks at pixels' corners instead of their middles.
            pictures = functional.interpolate(pictures, size=size, mode="nearest-exact")
    free_y, free_x = height - pictures.shape[2], width - pictures.shape[3]
    if not free_y and not free_x:
        return pictures
    return functional.pad(pictures, (free_x // 2, free_x - free_x // 2, free_y // 2, free_y - free_y // 2))
