"""Claim 17, computed: a deep plain network is to learn to pass its input on, which a residual one begins with.

Each block is W2 relu(W1 x), as wide inside as two times the input, so that a plain block can be the identity exactly:
x = relu(x) - relu(-x). Three networks of such blocks are trained on the same vectors:

*residual*: each block's input is added to its output; first weights W2 are small, one through the number of blocks of
what keeps a signal's size, so that it begins near the identity. *plain, same weights*: the same without the additions,
and nothing else differs. *plain*: W2 keeps the size of the signal, which is how a plain network is begun to give it a
chance; it differs from the residual one in the additions and in that factor.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.claims.claim import Measure, Part
from explorer.claims.results import Chart, Computed, Context, Line
from explorer.claims.verdict import Figure, judge

# Whether blocks add their input, and whether W2 starts small.
_KINDS = {"residual": (True, True), "plain": (False, False), "plain, same weights": (False, True)}


class Stack(nn.Module):
    """Blocks one behind the other; with `residual` each adds what it was given, with `small` W2 starts small."""

    def __init__(self, blocks: int, width: int, *, residual: bool, small: bool) -> None:
        super().__init__()
        self.residual = residual
        self.width = width
        self.inner = nn.ModuleList(nn.Linear(width, 2 * width) for _ in range(blocks))
        self.outer = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(blocks))
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                # Such that a plain block keeps the size of what passes it.
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu" if layer.in_features > width else "linear")
                nn.init.zeros_(layer.bias)
        if small:
            with torch.no_grad():
                for layer in self.outer:
                    layer.weight.div_(blocks)  # type: ignore[operator] # a Linear's

    def forward(self, x: Tensor) -> Tensor:
        for inner, outer in zip(self.inner, self.outer, strict=True):
            out = outer(functional.relu(inner(x)))
            x = x + out if self.residual else out
        return x


def compare(
    context: Context, *, blocks: int, width: int, steps: int, seeds: int, rate: float = 0.001, batch: int = 128
) -> Computed:
    """Trains both with Adam on vectors from N(0, 1), the same in both, to give back what they are given.

    The error is the mean square of what is missed, as a share of the input's.
    """
    curves: dict[str, list[list[float]]] = {name: [] for name in _KINDS}
    for seed in range(seeds):
        for place, (name, (residual, small)) in enumerate(_KINDS.items()):
            context.step(f"{name} network, seed {seed}", (3 * seed + place) / (3 * seeds))
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                network = Stack(blocks, width, residual=residual, small=small)
            curves[name].append(_trained(context, network, steps, seed, rate, batch))
    numbers = tuple(range(seeds))
    ends = {name: Figure(name, numbers, tuple(sum(row[-20:]) / 20 for row in rows)) for name, rows in curves.items()}
    starts = {name: Figure(name, numbers, tuple(row[0] for row in rows)) for name, rows in curves.items()}
    words = f"the share of the identity that {2 * blocks} layers miss after {steps:,} steps"
    at_end = Measure("identity", words, "number", worst=None)
    at_start = Measure("identity", "the share that is missed before the first step", "number", worst=None)
    parts = (
        judge(
            Part("Residual learns the identity, plain does not", "times_fewer", at_end, "residual", "plain", 10), ends
        ),
        judge(
            Part("So it is with the same first weights", "times_fewer", at_end, "residual", "plain, same weights", 10),
            ends,
        ),
        judge(Part("Residual begins nearer to it", "lower", at_start, "residual", "plain", main=False), starts),
    )
    shown = range(0, steps, max(1, steps // 200))
    lines = []
    for name, rows in curves.items():
        table = torch.tensor(rows, dtype=torch.float64)[:, list(shown)]
        spread = tuple(table.std(0).tolist()) if seeds > 1 else ()
        lines.append(Line(name, tuple(float(step + 1) for step in shown), tuple(table.mean(0).tolist()), spread))
    chart = Chart("Learning the identity", "step", "missed share of the input", tuple(lines), y_log=True)
    return Computed(parts, (chart,))


def _trained(context: Context, network: Stack, steps: int, seed: int, rate: float, batch: int) -> list[float]:
    generator = torch.Generator().manual_seed(seed + 1)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    missed = []
    for number in range(steps):
        if number % 50 == 0 and context.cancelled():
            context.step("stopping")
        x = torch.randn(batch, network.width, generator=generator)
        loss = functional.mse_loss(network(x), x)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch does not type it
        optimiser.step()
        missed.append(float(loss.detach()))
    return missed
