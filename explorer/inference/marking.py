"""A mask that a network gave for its input, brought back to the picture that the input was made from."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from explorer.data.batches import fitted_size


def on_picture(classes: Tensor, field: tuple[int, int], picture: tuple[int, int]) -> Tensor:
    """Masks uint8 [N, h, w] for the middle of a field (height, width), as masks [N, H, W] of the picture in it.

    A network without padding answers for the middle alone: what lies around it is background. The picture was scaled
    and centred as `prepare` does, which is undone here, by the nearest pixel.
    """
    top, left = ((side - given) // 2 for side, given in zip(field, classes.shape[1:], strict=True))
    full = torch.zeros((len(classes), *field), dtype=torch.uint8)
    full[:, top : top + classes.shape[1], left : left + classes.shape[2]] = classes
    height, width = fitted_size(picture, field)
    top, left = (field[0] - height) // 2, (field[1] - width) // 2
    part = full[:, top : top + height, left : left + width]
    if (height, width) == picture:
        return part.contiguous()
    return functional.interpolate(part[:, None], size=picture, mode="nearest-exact")[:, 0]
