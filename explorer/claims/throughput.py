"""Claim 19, measured: how many images a second two networks answer on this device, beside what theory expects."""

from __future__ import annotations

import gc
import time

import torch
from torch import Tensor, nn

from explorer.claims.claim import Measure, Part
from explorer.claims.results import Computed, Context, Table
from explorer.claims.sizes import counted
from explorer.claims.verdict import Figure, PartVerdict, exactly, judge, written
from explorer.networks import catalogue, zoo
from explorer.system import devices

_WARM_UPS = 1


def compare(
    context: Context, *, fast: str, slow: str, batch: int, rounds: int, zoo_fast: str, zoo_slow: str
) -> Computed:
    """Times forward passes of both in turn, so that what else the machine does meets both.

    The round is the sample that the spread is over, in place of a seed. Accuracies are those that torchvision
    publishes with its weights.
    """
    device = devices.resolve(context.settings.device)
    threads = context.settings.threads or devices.cores()
    names = (fast, slow)
    totals = {name: counted(name, {}) for name in names}
    with devices.threads(threads):
        networks = {}
        for name in names:
            context.step(f"building {name} with random weights")
            networks[name] = _built(name, device)
        images = {
            name: torch.rand(batch, *_shape(name), generator=torch.Generator().manual_seed(0)).to(device)
            for name in names
        }
        seconds: dict[str, list[float]] = {name: [] for name in names}
        for number in range(rounds + _WARM_UPS):
            context.step("measuring", number / (rounds + _WARM_UPS))
            for name in names:
                taken = _timed(networks[name], images[name], device)
                if number >= _WARM_UPS:
                    seconds[name].append(taken / batch)
        networks.clear()
        gc.collect()
    rows = tuple(range(rounds))
    figures = {name: Figure(name, rows, tuple(seconds[name])) for name in names}
    measure = Measure("seconds", f"seconds an image on {devices.describe(device)}", "number", per="round")
    part = judge(Part(f"{slow} is slower than {fast}", "times_fewer", measure, fast, slow, by=2), figures)
    accuracy = _accuracy(zoo_fast, zoo_slow)
    expected = totals[slow].macs / totals[fast].macs
    table = Table(
        f"Measured on {devices.describe(device)}, {threads} threads, batch {batch}",
        ("Network", "Images/s", "MACs", "GMAC/s", "Parameters", "Activations (MB)"),
        tuple(
            (
                name,
                f"{1 / figures[name].mean:.1f}",
                f"{totals[name].macs:,}",
                f"{totals[name].macs / figures[name].mean / 1e9:.1f}",
                f"{totals[name].parameters:,}",
                f"{totals[name].activation_bytes / 1e6:.1f}",
            )
            for name in names
        ),
    )
    measured = figures[slow].mean / figures[fast].mean
    theory = exactly(
        "Theory expects so many times the work",
        f"By MACs {slow} takes {expected:.1f} times the work of {fast}; measured it takes {measured:.1f} times as long",
        holds=expected > 1 and measured > 1,
        main=False,
    )
    return Computed((part, accuracy, theory), tables=(table,))


def _shape(name: str) -> tuple[int, int, int]:
    entry = catalogue.get(name)
    return entry.interface(entry.options_type()).input_shape


def _built(name: str, device: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return catalogue.get(name).build().eval().to(device)


def _timed(network: nn.Module, images: Tensor, device: str) -> float:
    with torch.inference_mode():
        _finish(device)
        start = time.perf_counter()
        network(images)
        _finish(device)
        return time.perf_counter() - start


def _finish(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def _accuracy(fast: str, slow: str) -> PartVerdict:
    says = "It is more accurate"
    published = {name: zoo.figures(name) for name in (fast, slow)}
    found = {name: None if figures is None else figures.top1 for name, figures in published.items()}
    if found[fast] is None or found[slow] is None:
        return exactly(says, "torchvision publishes no accuracy of these networks here", holds=False, main=False)
    ours, theirs = float(found[slow] or 0) / 100, float(found[fast] or 0) / 100
    sentence = (
        f"{says}: torchvision publishes {written(ours, 'percent')} top-1 for {slow} and "
        f"{written(theirs, 'percent')} for {fast} on ImageNet"
    )
    return exactly(says, sentence, holds=ours > theirs)
