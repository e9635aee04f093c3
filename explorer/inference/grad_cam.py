"""Grad-CAM: where in a layer's maps the evidence for a class lies.

Selvaraju et al.: Grad-CAM: visual explanations from deep networks via gradient-based localization, 2017
(arXiv 1610.02391), equations 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.inference.class_map_layers import default_layer, has_maps
from explorer.inference.passing import passing
from explorer.inference.score import Score, check_at_rest
from explorer.structure.changes import Changes
from explorer.structure.graph import Graph


@dataclass(frozen=True, eq=False)
class ClassMap:
    """`coarse` [h, w] as the layer's maps are, 0 or more; `fine` [H, W] enlarged to the input, bilinear."""

    coarse: Tensor
    fine: Tensor


def grad_cam(network: nn.Module, graph: Graph, inputs: Tensor, score: Score, layer: str = "") -> ClassMap:
    """The class map of one picture [1, C, H, W] at a layer or block named by its path, the last convolution by default.

    Each map is weighed by the mean of the score's gradient over it, and of the sum only what speaks for the class is
    kept. The gradient is taken at a copy of the layer's output: layers behind it may write over what they get.

    Raises:
        ValueError: the network is in training mode, the layer gives no maps, or the score does not depend on it.
    """
    check_at_rest(network)
    path = layer or default_layer(graph)
    if not has_maps(graph, path):
        raise ValueError(f"{path} gives no maps for Grad-CAM: choose a convolution, such as {default_layer(graph)}")
    kept: list[Tensor] = []

    def keep(output: Tensor) -> Tensor:
        # What lies before the layer needs no gradient.
        kept.append(output.detach().clone().requires_grad_())
        return kept[-1].clone()

    with torch.inference_mode(mode=False), torch.enable_grad(), passing(network, graph, Changes({path: keep})):
        total = score.of(network(inputs.detach().clone())).sum()
        if not kept or not total.requires_grad:
            raise ValueError(f"the score does not depend on {path}")
        maps = kept[-1]
        (slope,) = torch.autograd.grad(total, maps, allow_unused=True)
    if slope is None:
        raise ValueError(f"the score does not depend on {path}")
    weights = slope.mean(dim=(2, 3), keepdim=True)
    coarse = functional.relu((weights * maps.detach()).sum(dim=1, keepdim=True))
    fine = functional.interpolate(coarse, size=inputs.shape[2:], mode="bilinear", align_corners=False)
    return ClassMap(coarse[0, 0], fine[0, 0])
