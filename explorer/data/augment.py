"""Images varied at random, a whole batch in one pass on the device where it lies."""

from __future__ import annotations

import functools
import math
from typing import overload

import torch
from torch import Tensor
from torch.nn import functional

from explorer.data.augmentation import Augmentation

_NODES = 5  # a smooth distortion is drawn on a grid of 5x5 and interpolated: waves of about half a picture


@overload
def augment(
    images: Tensor,
    augmentation: Augmentation,
    generator: torch.Generator,
    masks: None = None,
    colour_axes: Tensor | None = None,
) -> Tensor: ...


@overload
def augment(
    images: Tensor,
    augmentation: Augmentation,
    generator: torch.Generator,
    masks: Tensor,
    colour_axes: Tensor | None = None,
) -> tuple[Tensor, Tensor]: ...


def augment(
    images: Tensor,
    augmentation: Augmentation,
    generator: torch.Generator,
    masks: Tensor | None = None,
    colour_axes: Tensor | None = None,
) -> Tensor | tuple[Tensor, Tensor]:
    """Images [N, C, H, W], float, background 0 and ink 1, each changed in its own way; the same shape.

    Turn, shift, size, shear and distortion are one resampling (bilinear, blank outside). All random numbers come from
    `generator`, on the device where it lives: the same state gives the same images on the same machine. `masks`
    [N, H, W], whole numbers, go where the pixels go (nearest, 0 outside), and come back beside the images; colour,
    noise and the thickness of strokes leave them as they are. `colour_axes` are those of the training pixels (see
    `colour_axes_of`), which `pca_colour` needs; None: those of these images.
    """
    if not (augmentation.is_off or not len(images)):
        images, masks = _augmented(images, masks, augmentation, generator, colour_axes)
    return images if masks is None else (images, masks)


def _augmented(
    images: Tensor,
    masks: Tensor | None,
    augmentation: Augmentation,
    generator: torch.Generator,
    colour_axes: Tensor | None,
) -> tuple[Tensor, Tensor | None]:
    # The order in which random numbers are drawn is part of what makes a run repeatable: new changes are drawn last.
    if augmentation.thickness:
        images = _thicker_or_thinner(images, augmentation.thickness, generator)
    if any((augmentation.rotation, augmentation.shift, augmentation.scale, augmentation.shear, augmentation.elastic)):
        images, masks = _resampled(images, masks, augmentation, generator)
    if augmentation.crop:
        images, masks = _cropped(images, masks, augmentation.crop, generator)
    if augmentation.mirror:
        images, masks = _mirrored(images, masks, generator)
    if augmentation.colour:
        images = _recoloured(images, augmentation.colour, generator)
    if augmentation.pca_colour:
        axes = colour_axes_of(images) if colour_axes is None else colour_axes
        images = _shifted_colour(images, augmentation.pca_colour, axes, generator)
    if augmentation.noise:
        noise = torch.randn(images.shape, generator=generator, device=generator.device, dtype=images.dtype)
        images = (images + augmentation.noise * noise.to(images.device)).clamp_(0, 1)
    if augmentation.cutout:
        images = _cut_out(images, augmentation.cutout, generator)
    return images, masks


def _resampled(
    images: Tensor, masks: Tensor | None, augmentation: Augmentation, generator: torch.Generator
) -> tuple[Tensor, Tensor | None]:
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
    images = functional.grid_sample(images, places, mode="bilinear", padding_mode="zeros", align_corners=False)
    if masks is not None:
        levels = masks[:, None].to(images.dtype)
        levels = functional.grid_sample(levels, places, mode="nearest", padding_mode="zeros", align_corners=False)
        masks = levels[:, 0].to(masks.dtype)
    return images, masks


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
    return _places(turn, lean, step_x, step_y, move_x * 2 * augmentation.shift, move_y * 2 * augmentation.shift, aspect)


def _places(
    turn: Tensor, lean: Tensor, step_x: Tensor, step_y: Tensor, move_x: Tensor, move_y: Tensor, aspect: float
) -> Tensor:
    cosine, sine = torch.cos(turn), torch.sin(turn)
    # A picture that is not square turns in pixels, not in halves of its sides.
    from_x = [cosine * step_x, (cosine * lean - sine) * step_y * aspect, move_x]
    from_y = [sine * step_x / aspect, (sine * lean + cosine) * step_y, move_y]
    return torch.stack([torch.stack(from_x, dim=1), torch.stack(from_y, dim=1)], dim=1)


def moved(images: Tensor, shifts: Tensor, turns: Tensor, sizes: Tensor) -> Tensor:
    """Images [N, C, H, W] shifted, turned and resized by given amounts, by the resampling that `augment` trains with.

    `shifts` [N, 2] are pixels to the right and down, `turns` [N] degrees clockwise, `sizes` [N] factors about the
    middle. Bilinear, blank outside; what is turned and resized is shifted afterwards.
    """
    _, _, height, width = images.shape
    radians = -torch.deg2rad(turns)  # where a pixel comes from lies the other way round
    steps = 1 / sizes
    # The place that comes to the middle, in halves of the sides: shifted back, then turned and resized back.
    aspect = height / width
    x, y = -shifts[:, 0] * 2 / width, -shifts[:, 1] * 2 / height
    cosine, sine = torch.cos(radians), torch.sin(radians)
    from_x = (cosine * x - sine * y * aspect) * steps
    from_y = (sine * x / aspect + cosine * y) * steps
    weights = _places(radians, torch.zeros_like(radians), steps, steps, from_x, from_y, aspect)
    basis = _basis(height, width, 3, images.device, images.dtype)
    places = (weights.to(images.dtype).reshape(len(images) * 2, -1) @ basis).reshape(-1, 2, height, width)
    return functional.grid_sample(
        images, places.permute(0, 2, 3, 1), mode="bilinear", padding_mode="zeros", align_corners=False
    )


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


def _cropped(
    images: Tensor, masks: Tensor | None, margin: int, generator: torch.Generator
) -> tuple[Tensor, Tensor | None]:
    """A piece of each image, as large as the image, after `margin` blank pixels were put around it."""
    count, _, height, width = images.shape
    corners = torch.randint(0, 2 * margin + 1, (2, count, 1), generator=generator, device=generator.device)
    top, left = corners.to(images.device)
    rows = (top + torch.arange(height, device=images.device))[:, :, None]
    columns = (left + torch.arange(width, device=images.device))[:, None, :]
    each = torch.arange(count, device=images.device)[:, None, None]
    around = (margin, margin, margin, margin)
    wide = functional.pad(images, around)
    pieces = wide.permute(0, 2, 3, 1)[each, rows, columns].permute(0, 3, 1, 2).contiguous()
    return pieces, None if masks is None else functional.pad(masks, around)[each, rows, columns]


def _mirrored(images: Tensor, masks: Tensor | None, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
    """Half of the images with left and right exchanged."""
    turned = torch.rand(len(images), generator=generator, device=generator.device).to(images.device) < 0.5
    mirrored = torch.where(turned[:, None, None, None], images.flip(3), images)
    return mirrored, None if masks is None else torch.where(turned[:, None, None], masks.flip(2), masks)


def _recoloured(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Brightness, contrast around the image's mean gray, and saturation multiplied by 1 - strength to 1 + strength."""
    drawn = torch.rand((3, len(images), 1, 1, 1), generator=generator, device=generator.device, dtype=images.dtype)
    brightness, contrast, saturation = (1 + strength * (2 * drawn - 1)).to(images.device)
    gray = luminance(images) if images.shape[1] == 3 else images.mean(dim=1, keepdim=True)
    middle = brightness * gray.mean(dim=(2, 3), keepdim=True)
    coloured = gray + saturation * (images - gray)
    changed: Tensor = middle + contrast * (brightness * coloured - middle)
    return changed.clamp_(0, 1)


def luminance(images: Tensor) -> Tensor:
    """The gray of RGB images [N, 3, H, W] as the eye weighs colours (BT.601): [N, 1, H, W]."""
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=images.dtype, device=images.device)
    gray: Tensor = (images * weights[:, None, None]).sum(dim=1, keepdim=True)
    return gray


def colour_axes_of(images: Tensor) -> Tensor:
    """The axes in which the colours of these pixels vary, each as long as its variance: float32 [C, C], in columns.

    `images` [N, C, H, W] are bytes, or floats of 0 to 1; of more than 5,000, as many, evenly spread, are looked at.
    """
    few = images[:: max(1, -(-len(images) // 5000))].to(torch.float32)
    if not images.is_floating_point():
        few = few / 255
    pixels = few.transpose(0, 1).flatten(1)
    pixels = pixels - pixels.mean(dim=1, keepdim=True)
    variances, axes = torch.linalg.eigh((pixels @ pixels.T / pixels.shape[1]).to("cpu", torch.float64))
    # A library may turn an axis round; the largest part of each is made positive, so that all give the same images.
    signs = axes.gather(0, axes.abs().argmax(dim=0, keepdim=True)).sign()
    scaled: Tensor = axes * signs * variances.clamp_min(0)
    return scaled.to(images.device, torch.float32)


def _shifted_colour(images: Tensor, deviation: float, axes: Tensor, generator: torch.Generator) -> Tensor:
    """One colour added to all pixels of an image: axes times variances times normal numbers (Krizhevsky 2012)."""
    drawn = torch.randn((len(images), images.shape[1]), generator=generator, device=generator.device)
    shifts = (deviation * drawn).to(images.device, images.dtype) @ axes.to(images.device, images.dtype).T
    return (images + shifts[:, :, None, None]).clamp_(0, 1)


def _cut_out(images: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A square of each image, the part of it that lies inside, filled with the image's own mean colour.

    DeVries and Taylor filled with the data set's mean.
    """
    count, _, height, width = images.shape
    hidden = []
    for length in (height, width):
        middle = torch.randint(0, length, (count, 1), generator=generator, device=generator.device).to(images.device)
        at = torch.arange(length, device=images.device) - middle + side // 2
        hidden.append((at >= 0) & (at < side))
    rows, columns = hidden
    return torch.where(
        rows[:, None, :, None] & columns[:, None, None, :], images.mean(dim=(2, 3), keepdim=True), images
    )


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
