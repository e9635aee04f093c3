"""Images varied at random, a whole batch in one pass on the device where it lies."""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor
from torch.nn import functional

from explorer.data.augmentation import Augmentation

_NODES = 5  # a smooth distortion is drawn on a grid of 5x5 and interpolated: waves of about half a picture


def augment(images: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Images [N, C, H, W], float, background 0 and ink 1, each changed in its own way; the same shape.

    Turn, shift, size, shear and distortion are one resampling (bilinear, blank outside). All random numbers come from
    `generator`, on the device where it lives: the same state gives the same images on the same machine.
    """
    if augmentation.is_off or not len(images):
        return images
    if augmentation.thickness:
        images = _thicker_or_thinner(images, augmentation.thickness, generator)
    if any((augmentation.rotation, augmentation.shift, augmentation.scale, augmentation.shear, augmentation.elastic)):
        images = _resampled(images, augmentation, generator)
    if augmentation.crop:
        images = _cropped(images, augmentation.crop, generator)
    if augmentation.mirror:
        images = _mirrored(images, generator)
    if augmentation.noise:
        noise = torch.randn(images.shape, generator=generator, device=generator.device, dtype=images.dtype)
        images = (images + augmentation.noise * noise.to(images.device)).clamp_(0, 1)
    return images


def _resampled(images: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    count, _, height, width = images.shape
    # Where each pixel of the result comes from is a sum: 3 numbers for the affine part, and the nodes' displacements.
    parts = [_affine(count, height / width, augmentation, generator)]
    if augmentation.elastic:
        nodes = torch.randn((count, 2, _NODES * _NODES), generator=generator, device=generator.device)
        # Outliers would tear a stroke; a picture of 28 pixels is 2 units wide.
        parts.append(nodes.clamp_(-2, 2) * (augmentation.elastic * 2 / 28))
    weights = torch.cat(parts, dim=2).to(images.device, images.dtype)
    basis = _basis(height, width, weights.shape[2], images.device, images.dtype)
    places = (weights.reshape(count * 2, -1) @ basis).reshape(count, 2, height, width).permute(0, 2, 3, 1)
    return functional.grid_sample(images, places, mode="bilinear", padding_mode="zeros", align_corners=False)


def _affine(count: int, aspect: float, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """For each image, where x and y come from: [N, 2, 3] for x, y and 1, in units of half a side."""
    drawn = torch.rand((6, count), generator=generator, device=generator.device) * 2 - 1
    turn, move_x, move_y, scale_x, scale_y, lean = drawn
    turn = turn * math.radians(augmentation.rotation)
    lean = torch.tan(lean * math.radians(augmentation.shear))
    # A larger digit needs a smaller step. Width and height mostly agree: a third of the change in size is their own.
    both, own = (scale_x + scale_y) / 2, (scale_x - scale_y) / 6
    step_x = 1 / (1 + augmentation.scale * (both + own))
    step_y = 1 / (1 + augmentation.scale * (both - own))
    cosine, sine = torch.cos(turn), torch.sin(turn)
    # A picture that is not square turns in pixels, not in halves of its sides.
    from_x = [cosine * step_x, (cosine * lean - sine) * step_y * aspect, move_x * 2 * augmentation.shift]
    from_y = [sine * step_x / aspect, (sine * lean + cosine) * step_y, move_y * 2 * augmentation.shift]
    return torch.stack([torch.stack(from_x, dim=1), torch.stack(from_y, dim=1)], dim=1)


@functools.lru_cache(maxsize=8)
def _basis(height: int, width: int, rows: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """What each number of an image's places contributes at each pixel: [3 or 3 + nodes, H x W]."""
    y, x = torch.meshgrid(_centres(height), _centres(width), indexing="ij")
    basis = torch.stack([x, y, torch.ones_like(x)]).reshape(3, -1)
    if rows > 3:
        nodes = torch.eye(_NODES * _NODES).reshape(1, -1, _NODES, _NODES)
        waves = functional.interpolate(nodes, size=(height, width), mode="bicubic", align_corners=True)
        basis = torch.cat([basis, waves.reshape(_NODES * _NODES, -1)])
    return basis.to(device, dtype)


def _centres(count: int) -> Tensor:
    """The centres of that many pixels, -1 to 1 being the outer edges."""
    return (torch.arange(count) * 2 + 1) / count - 1


def _cropped(images: Tensor, margin: int, generator: torch.Generator) -> Tensor:
    """A piece of each image, as large as the image, after `margin` blank pixels were put around it."""
    count, _, height, width = images.shape
    corners = torch.randint(0, 2 * margin + 1, (2, count, 1), generator=generator, device=generator.device)
    top, left = corners.to(images.device)
    rows = top + torch.arange(height, device=images.device)
    columns = left + torch.arange(width, device=images.device)
    wide = functional.pad(images, (margin, margin, margin, margin))
    each = torch.arange(count, device=images.device)[:, None, None]
    return wide.permute(0, 2, 3, 1)[each, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2).contiguous()


def _mirrored(images: Tensor, generator: torch.Generator) -> Tensor:
    """Half of the images with left and right exchanged."""
    turned = torch.rand(len(images), generator=generator, device=generator.device).to(images.device) < 0.5
    return torch.where(turned[:, None, None, None], images.flip(3), images)


def _thicker_or_thinner(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """A share of the images with the edges of their strokes moved out or in by up to about half a pixel.

    The image is blurred a little and its contrast raised again around another level than the middle one.
    """
    drawn = torch.rand((2, len(images)), generator=generator, device=generator.device).to(images.device)
    index = (drawn[0] < share).nonzero().squeeze(1)
    soft = _blurred(images[index])
    # A line of one pixel is half as strong when blurred; without this it would fade instead of growing thin.
    soft = soft / soft.amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-6)
    level = (0.2 + 0.4 * drawn[1][index])[:, None, None, None]
    changed = images.clone()
    changed[index] = ((soft - level) * 2 + 0.5).clamp_(0, 1) * (soft > 0.02)
    return changed


def _blurred(images: Tensor) -> Tensor:
    """The images under a 3x3 binomial filter (1 2 1)."""
    wide = functional.pad(images, (1, 1, 1, 1))
    rows = wide[:, :, :-2] + 2 * wide[:, :, 1:-1] + wide[:, :, 2:]
    blurred: Tensor = (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 16
    return blurred
