"""One sample varied at random several times, as training varies it; imports torch: call it off the UI thread."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data.augmentation import Augmentation

# The axes of AlexNet's colour changes are found from so many training images.
_FOR_AXES = 2_000


def variants(
    sample: NDArray[np.uint8],
    augmentation: Augmentation,
    count: int,
    seed: int,
    *,
    mask: NDArray[np.uint8] | None = None,
    others: NDArray[np.uint8] | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """A sample [C, H, W] in `count` variants [count, C, H, W], and its mask [H, W] in as many.

    The same seed gives the same random numbers, so that the change of one amount is seen alone. `others` are images of
    the data set [N, C, H, W], whose colours AlexNet's colour changes follow.
    """
    import torch  # noqa: PLC0415 - torch is imported off the UI thread

    from explorer.data import augment as augmenting  # noqa: PLC0415 - as above

    generator = torch.Generator().manual_seed(seed)
    images = torch.from_numpy(sample.astype(np.float32) / 255).repeat(count, 1, 1, 1)
    keywords: dict[str, Any] = {}
    if augmentation.pca_colour and others is not None:
        some = others[:: max(1, len(others) // _FOR_AXES)]
        keywords["colour_axes"] = augmenting.colour_axes_of(torch.from_numpy(np.ascontiguousarray(some)))
    if mask is None:
        changed = augmenting.augment(images, augmentation, generator, **keywords)
        return _bytes(changed), None
    masks = torch.from_numpy(mask.astype(np.int64)).repeat(count, 1, 1)
    changed, moved = augmenting.augment(images, augmentation, generator, masks, **keywords)
    return _bytes(changed), moved.numpy().astype(np.uint8)


def _bytes(images: Any) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = np.rint(images.clamp(0, 1).numpy() * 255).astype(np.uint8)
    return pixels
