"""`cnn-explorer weights`: ImageNet weights that torchvision publishes, fetched when they are asked for."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from explorer.cli.arguments import UsageError, add_json
from explorer.cli.printing import cells, console, print_table, table, write_json
from explorer.networks import zoo_files
from explorer.system import settings as stored_settings

if TYPE_CHECKING:
    from explorer.networks.zoo_weights import PublishedWeights

NAME = "weights"
_TOLD_EVERY = 0.02


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="trained weights for ImageNet: which there are, and downloading them",
        description=(
            "Lists and downloads the weights that torchvision publishes. Nothing is fetched unless it is asked for: "
            "`weights download resnet18`, then `predict --network torchvision/resnet18 photo.jpg`. A mirror can be set "
            "in the window's settings; a folder `weights` in CNN_EXPLORER_DATA is looked into first."
        ),
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listing = actions.add_parser("list", help="the weights on this machine; with --all, all there are")
    listing.add_argument("--all", action="store_true", help="those too that would have to be downloaded")
    add_json(listing)
    fetching = actions.add_parser("download", help="fetch the weights of a network; an interrupted download goes on")
    fetching.add_argument("network", metavar="NAME[:ENTRY]", help="such as resnet18 or resnet50:IMAGENET1K_V1")
    add_json(fetching)
    removing = actions.add_parser("remove", help="remove downloaded weights")
    removing.add_argument("network", metavar="NAME[:ENTRY]", help="as for download")
    add_json(removing)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.action == "list":
        _list(everything=arguments.all, as_json=arguments.json)
        return 0
    from explorer.networks import zoo_weights  # noqa: PLC0415 - torchvision, only where needed

    try:
        weights = zoo_weights.wanted(arguments.network)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if arguments.action == "remove":
        return _remove(weights, as_json=arguments.json)
    return _download(weights, as_json=arguments.json)


def _list(*, everything: bool, as_json: bool) -> None:
    from explorer.networks import zoo_weights  # noqa: PLC0415 - torchvision, only where needed

    listed = [(each, zoo_files.find(each.file_name)) for each in zoo_weights.everything()]
    shown = [(each, path) for each, path in listed if everything or path or zoo_files.begun(each.file_name)]
    if as_json:
        write_json([_record(each) for each, _ in shown])
        return
    if not shown:
        sys.stdout.write("No weights are here yet. `cnn-explorer weights list --all` names what can be downloaded.\n")
        return
    right = ["Size", "Top-1", "Top-5"]
    rows = table(["Network", "Weights", *right, "On this machine"], right=right)
    for each, path in shown:
        begun = zoo_files.begun(each.file_name)
        state = str(path) if path else f"{zoo_files.megabytes(begun)} of it" if begun else ""
        size = zoo_files.megabytes(each.size)
        top1, top5 = ("" if value is None else f"{value:.1f} %" for value in (each.top1, each.top5))
        rows.add_row(*cells(f"torchvision/{each.network}", each.entry, size, top1, top5, state))
    print_table(rows)


def _download(weights: PublishedWeights, *, as_json: bool) -> int:
    there = zoo_files.find(weights.file_name)
    if there is None:
        mirror = stored_settings.load().weights_mirror
        say = _say if not as_json else _say_nothing
        kept = zoo_files.begun(weights.file_name)
        beginning = f", of which {zoo_files.megabytes(kept)} are here" if kept else ""
        say(f"{weights.name}: {zoo_files.megabytes(weights.size)}{beginning} from {mirror or weights.url}")
        try:
            there = zoo_files.download(weights, mirror, None if as_json else _Progress())
        except KeyboardInterrupt:
            begun = zoo_files.begun(weights.file_name)
            print(f"\ncnn-explorer: stopped; {zoo_files.megabytes(begun)} are kept for the next try", file=sys.stderr)  # noqa: T201
            return 130
        say(f"It is in {there}; use it: cnn-explorer predict --network {weights.name} photo.jpg")
    else:
        zoo_files.check(there)
        if not as_json:
            _say(f"{weights.name} is there already: {there}")
    if as_json:
        write_json(_record(weights))
    return 0


def _remove(weights: PublishedWeights, *, as_json: bool) -> int:
    was_there = zoo_files.remove(weights.file_name)
    if as_json:
        write_json({"name": weights.name, "removed": was_there})
    else:
        _say(f"{weights.name} was removed" if was_there else f"{weights.name} is not among the downloaded weights")
    return 0


def _record(weights: PublishedWeights) -> dict[str, Any]:
    path = zoo_files.find(weights.file_name)
    return {
        "name": weights.name,
        "network": f"torchvision/{weights.network}",
        "entry": weights.entry,
        "file": str(path) if path else None,
        "size": weights.size,
        "begun": zoo_files.begun(weights.file_name),
        "top1": weights.top1,
        "top5": weights.top5,
        "dataset": weights.dataset,
        "url": weights.url,
    }


class _Progress:
    """A line that says how much is there; on a terminal the same line again and again."""

    def __init__(self) -> None:
        self._told = -1.0

    def __call__(self, done: int, total: int | None) -> None:
        if not sys.stderr.isatty():
            return
        share = done / total if total else 0.0
        is_end = total is not None and done >= total
        if share - self._told < _TOLD_EVERY and not is_end:
            return
        self._told = share
        of = f" of {zoo_files.megabytes(total)}, {share:.0%}" if total else ""
        print(f"\r{zoo_files.megabytes(done)}{of}   ", end="\n" if is_end else "", file=sys.stderr, flush=True)  # noqa: T201


def _say(line: str) -> None:
    console().print(line, highlight=False, markup=False, soft_wrap=True)


def _say_nothing(_line: str) -> None:
    pass
