"""`cnn-explorer explain`: which pixels of a picture make a network answer as it does."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.arguments import UsageError, add_json
from explorer.cli.printing import console, write_json
from explorer.inference.attribution import Baseline, Method, Question
from explorer.inference.attribution_words import ABOUT, OPACITY, number, numbers_of, scale_end, strongest
from explorer.system import settings as stored_settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.inference.attribution import Attribution
    from explorer.inference.mask_answer import MaskAnswer
    from explorer.inference.prediction import Prediction
    from explorer.structure.graph import Graph

NAME = "explain"
_MOST_STEPS = 1000
# What belongs to one method, as the window shows it with that method only.
_OF_METHOD = {
    "layer": (Method.GRAD_CAM,),
    "patch": (Method.OCCLUSION,),
    "stride": (Method.OCCLUSION,),
    "steps": (Method.INTEGRATED,),
    "baseline": (Method.OCCLUSION, Method.INTEGRATED),
}
_EXAMPLES = """\
examples:
  cnn-explorer explain seven.png --out seven-why.png
  cnn-explorer explain seven.png --class 1 --method occlusion --out why-not-1.png
  cnn-explorer explain cat.jpg --network torchvision/resnet18 --class "tabby" --layer layer3 --json

In the picture, orange to red speaks for the class and blue against it; what counts little is see-through. Saliency and
Grad-CAM have no sign. The scale is each picture's own: its end is told, so that two pictures can be compared."""


def add_parser(commands: Any) -> None:
    methods = "\n".join(f"  {method.value:<21}{ABOUT[method]}" for method in Method)
    parser = commands.add_parser(
        NAME,
        help="show which pixels of a picture speak for an answer",
        description=(
            "Says which pixels of a picture make a network answer as it does, or what speaks for a class that it does "
            "not answer: the numbers of the dock Why in the window, and with --out its picture."
        ),
        epilog=f"methods:\n{methods}\n\n{_EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("picture", metavar="PICTURE", type=Path, help="a picture in any common format")
    parser.add_argument(
        "--network",
        metavar="NAME|RUN[:EPOCH]|FILE",
        default="lenet5",
        help="as for `cnn-explorer predict`; default: lenet5, as shipped",
    )
    parser.add_argument(
        "--method",
        choices=[method.value for method in Method],
        default=Method.GRAD_CAM.value,
        help="how to ask, see below (default grad-cam)",
    )
    parser.add_argument(
        "--class",
        dest="label",
        metavar="NAME|N",
        help="a class by its name, or by its number counted from 0 (default: the answered one)",
    )
    parser.add_argument(
        "--layer",
        metavar="PATH",
        help="for grad-cam: a layer or block, as `cnn-explorer show` names it (default: the last convolution)",
    )
    parser.add_argument(
        "--patch", type=int, metavar="PIXELS", help="for occlusion: side of the patch (default: a seventh of the input)"
    )
    parser.add_argument("--stride", type=int, metavar="PIXELS", help="for occlusion (default: half of the patch)")
    parser.add_argument("--steps", type=int, metavar="N", help="for integrated-gradients (default 50)")
    parser.add_argument(
        "--baseline",
        choices=[baseline.value for baseline in Baseline],
        help="the empty picture of occlusion and integrated-gradients; mean: of what it learnt from (default black)",
    )
    parser.add_argument(
        "--out", metavar="FILE.png", type=Path, help="where to write what the network sees with the colours over it"
    )
    parser.add_argument(
        "--opacity", type=int, metavar="PERCENT", help=f"of the colours in --out, 0 to 100 (default {OPACITY})"
    )
    parser.add_argument("--values", action="store_true", help="with --json: the value of each pixel too, row by row")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    method = Method(arguments.method)
    _check(arguments, method)
    from explorer.data.images import read_picture  # noqa: PLC0415 - Pillow, only where it is needed
    from explorer.inference.explaining import explain  # noqa: PLC0415 - torch, only where it is needed
    from explorer.inference.zoo_predictor import open_predictor  # noqa: PLC0415
    from explorer.structure.trace import trace  # noqa: PLC0415

    read = read_picture(arguments.picture)
    predictor = open_predictor(arguments.network, stored_settings.load())
    label = None if arguments.label is None else class_of(arguments.label, predictor.labels)
    seen = predictor.see(read.pixels)
    if seen is None:
        raise ValueError(f"{arguments.picture}: there is nothing on the picture to recognise")
    graph = trace(predictor.network, predictor.preprocessing.input_shape)
    if arguments.layer is not None:
        _check_layer(arguments.layer, graph, arguments.network)
    question = Question(
        method,
        label,
        arguments.layer or "",
        arguments.patch or 0,
        arguments.stride or 0,
        Baseline(arguments.baseline or Baseline.BLACK.value),
        arguments.steps or Question.steps,
    )
    found = explain(predictor, graph, seen, question)
    if arguments.out is not None:
        _write(arguments.out, seen, found, OPACITY if arguments.opacity is None else arguments.opacity)
    answer = predictor.answer(seen)
    if arguments.json:
        write_json(_record(arguments, found, answer, read.remarks))
    else:
        _report(arguments, found, answer, read.remarks)
    return 0


def class_of(text: str, labels: tuple[str, ...]) -> int:
    """The number of the class that is called so, by its name in any case or by its number.

    Raises:
        UsageError: there is none, or several are called so; the message says what there is.
    """
    wanted = text.strip().casefold()
    named = [number for number, label in enumerate(labels) if label.casefold() == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        numbers = ", ".join(map(str, named))
        raise UsageError(f"several classes are called {text!r}; give the number: {numbers}")
    if wanted.isdecimal():
        if int(wanted) < len(labels):
            return int(wanted)
        raise UsageError(f"--class is a name or a number from 0 to {len(labels) - 1}, not {text}")
    near = difflib.get_close_matches(wanted, [label.casefold() for label in labels], 3)
    near = near or [label for label in labels if wanted and wanted in label.casefold()][:3]
    if near:
        hint = f"did you mean {' or '.join(near)}"
    else:
        hint = f"it knows {', '.join(labels[:20])}" + (f" and {len(labels) - 20:,} more" if labels[20:] else "")
    raise UsageError(f"the network knows no class {text!r}; {hint}")


def _check(arguments: argparse.Namespace, method: Method) -> None:
    for name, methods in _OF_METHOD.items():
        if getattr(arguments, name) is not None and method not in methods:
            goes_with = " or ".join(each.value for each in methods)
            raise UsageError(f"--{name} goes with --method {goes_with}, not with {method.value}")
    for name in ("patch", "stride", "steps"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise UsageError(f"--{name} is 1 or more, not {value}")
    if arguments.steps is not None and arguments.steps > _MOST_STEPS:
        raise UsageError(f"--steps is at most {_MOST_STEPS:,}, not {arguments.steps:,}")
    if arguments.opacity is not None and (arguments.out is None or not 0 <= arguments.opacity <= 100):
        raise UsageError("--opacity is 0 to 100 and goes with --out")
    if arguments.values and not arguments.json:
        raise UsageError("--values goes with --json")
    if arguments.out is None:
        return
    if arguments.out.suffix.lower() != ".png":
        raise UsageError(f"--out is a file that ends in .png, not {arguments.out.name}")
    if not arguments.out.parent.is_dir():
        raise FileNotFoundError(f"the folder {arguments.out.parent} does not exist; make it first")


def _check_layer(path: str, graph: Graph, network: str) -> None:
    from explorer.inference.class_map_layers import has_maps, layers_with_maps  # noqa: PLC0415 - beside its only use

    if has_maps(graph, path):
        return
    layers = layers_with_maps(graph)
    shown = ", ".join(layers if len(layers) <= 8 else (*layers[:3], "…", *layers[-4:]))
    what = "gives no maps" if path in graph.by_path else "is no layer or block"
    raise UsageError(f"{path!r} {what} of {network}; grad-cam looks at layers with maps, such as {shown}")


def _write(path: Path, seen: NDArray[np.uint8], found: Attribution, opacity: int) -> None:
    from explorer.system.files import write_atomically  # noqa: PLC0415 - only where a picture is written
    from explorer.ui.why_figure import explained_png  # noqa: PLC0415 - Qt likewise

    write_atomically(path, explained_png(seen, found, opacity))


def _record(
    arguments: argparse.Namespace, found: Attribution, answer: Prediction | MaskAnswer, remarks: tuple[str, ...]
) -> dict[str, Any]:
    end, beyond = scale_end(found.on_seen)
    row, column, value = strongest(found.on_seen)
    best, share = answer.best, dict(answer.top(len(answer.labels)))
    record: dict[str, Any] = {
        "file": str(arguments.picture),
        "network": arguments.network,
        "method": found.question.method.value,
        "class": {"number": found.label, "label": found.label_name, "probability": share[found.label_name]},
        "answered": {"label": best, "probability": share[best]},
        "score": found.score,
        "height": found.on_seen.shape[0],
        "width": found.on_seen.shape[1],
        "strongest": {"row": row, "column": column, "value": value},
        "scale": {"end": end, "some_beyond": beyond, "signed": found.question.method.is_signed},
    }
    if found.layer:
        record["layer"] = found.layer
    if found.patch:
        record |= {"patch": found.patch, "stride": found.stride, "baseline": found.question.baseline.value}
    if found.baseline_score is not None:
        record |= {
            "steps": found.question.steps,
            "baseline": found.question.baseline.value,
            "baseline_score": found.baseline_score,
            "completeness_error": found.completeness_error,
        }
    if arguments.out is not None:
        record["out"] = str(arguments.out)
    if remarks:
        record["remarks"] = list(remarks)
    if arguments.values:
        record["values"] = found.on_seen.tolist()
    return record


def _report(
    arguments: argparse.Namespace, found: Attribution, answer: Prediction | MaskAnswer, remarks: tuple[str, ...]
) -> None:
    def say(text: str) -> None:
        console().print(text, highlight=False, markup=False, soft_wrap=True)

    share = dict(answer.top(len(answer.labels)))
    kind = "answered" if found.label_name == answer.best else f"asked about; the answer is {answer.best}"
    say(f"{found.question.method.words} for {found.label_name} ({kind}, {share[answer.best]:.1%})")
    for line in numbers_of(found):
        say(f"  {line}")
    row, column, value = strongest(found.on_seen)
    end, beyond = scale_end(found.on_seen)
    if found.most > 0:
        say(f"  Strongest at row {row}, column {column} of what the network sees: {number(value)}")
        say(f"  The strongest colour stands for {number(end)}{', a few pixels lie beyond' if beyond else ''}")
    else:
        say(f"  Nothing speaks for {found.label_name} here: try another class, layer or method")
    for remark in remarks:
        say(f"  {remark}")
    if arguments.out is not None:
        say(f"wrote {arguments.out}")
