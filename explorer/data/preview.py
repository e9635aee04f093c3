"""Images as training would vary them, as bytes again, to be looked at."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.data.augment import augment, colour_axes_of
from explorer.data.augmentation import Augmentation


def preview(
    images: NDArray[np.uint8],
    augmentation: Augmentation,
    seed: int,
    training_images: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Images uint8 [N, C, H, W], each varied in its own way; the same seed gives the same images.

    The colours of `training_images` decide how `pca_colour` shifts them; without any, their own do.
    """
    varied, _ = preview_with_masks(images, None, augmentation, seed, training_images)
    return varied


def preview_with_masks(
    images: NDArray[np.uint8],
    masks: NDArray[np.uint8] | None,
    augmentation: Augmentation,
    seed: int,
    training_images: NDArray[np.uint8] | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Likewise, with masks uint8 [N, H, W] that go where the pixels go."""
    generator = torch.Generator().manual_seed(seed)
    pictures = torch.tensor(images, dtype=torch.float32) / 255
    axes = None
    if augmentation.pca_colour and training_images is not None:
        axes = colour_axes_of(torch.from_numpy(np.ascontiguousarray(_few(training_images))))
    if masks is None:
        return _as_bytes(augment(pictures, augmentation, generator, colour_axes=axes)), None
    varied, moved = augment(pictures, augmentation, generator, torch.tensor(masks, dtype=torch.uint8), axes)
    return _as_bytes(varied), moved.numpy()


def _few(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At most a thousand of the images, evenly spread: enough to see, in a moment."""
    return images[:: max(1, -(-len(images) // 1000))]


def _as_bytes(pictures: torch.Tensor) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = pictures.mul(255).round_().clamp_(0, 255).to(torch.uint8).numpy()
    return levels
