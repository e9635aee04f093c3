"""`cnn-explorer predict`: what a trained network says of pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.arguments import UsageError, add_json
from explorer.cli.printing import cells, print_table, table, write_json
from explorer.system import settings as stored_settings

if TYPE_CHECKING:
    from explorer.inference.predictor import Predictor

NAME = "predict"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="name the digit on a picture",
        description=(
            "Says what a trained network sees on pictures: scans, photographs or drawings of one digit each. They go "
            "through the same steps as a drawing in the window: cropped, fitted into 20x20 pixels, centred in 28x28."
        ),
    )
    parser.add_argument("images", metavar="IMAGE", nargs="+", type=Path, help="a picture in any common format")
    parser.add_argument(
        "--network",
        metavar="NAME|RUN[:EPOCH]|FILE",
        default="lenet5",
        help="shipped weights by name, a run (with an epoch), or a weights file (default: lenet5, as shipped)",
    )
    parser.add_argument("--top", metavar="N", type=int, default=3, help="how many answers to give (default 3)")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.top < 1:
        raise UsageError(f"--top is 1 or more, not {arguments.top}")
    from explorer.inference.predictor import Predictor, weights_for  # noqa: PLC0415 - torch, only where it is needed
    from explorer.inference.sources import is_digit_dataset  # noqa: PLC0415 - as above

    settings = stored_settings.load()
    predictor = Predictor.from_file(weights_for(arguments.network, settings))
    trained_on = predictor.provenance.get("dataset")
    if trained_on and not is_digit_dataset(str(trained_on)):
        raise ValueError(
            f"{arguments.network} was trained on {trained_on}, which is not of digits; predict takes networks "
            "that were trained on digits, such as lenet5 as shipped"
        )
    answers = [_answer(path, predictor, arguments) for path in arguments.images]
    if arguments.json:
        write_json(answers)
    else:
        _print(answers)
    return 1 if any("error" in answer for answer in answers) else 0


def _answer(path: Path, predictor: Predictor, arguments: argparse.Namespace) -> dict[str, Any]:
    from explorer.data.images import ImageError, read_image  # noqa: PLC0415 - Pillow, only where it is needed
    from explorer.data.sketch import as_digit  # noqa: PLC0415

    try:
        digit = as_digit(read_image(path))
        if digit is None:
            raise ImageError(f"{path}: there is nothing on the picture to recognise")
    except (ImageError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        return {"file": str(path), "error": reason if str(path) in reason else f"{path}: {reason}"}
    (prediction,) = predictor.predict(digit)
    return {
        "file": str(path),
        "network": arguments.network,
        "predictions": [
            {"label": label, "probability": probability} for label, probability in prediction.top(arguments.top)
        ],
    }


def _print(answers: list[dict[str, Any]]) -> None:
    rows = table(["File", "Answer", "Probability", "Then"], right=["Probability"])
    for answer in answers:
        if "error" in answer:
            print(f"cnn-explorer: {answer['error']}", file=sys.stderr)  # noqa: T201
            continue
        first, *others = answer["predictions"]
        then = ", ".join(f"{other['label']} {other['probability']:.1%}" for other in others)
        rows.add_row(*cells(answer["file"], first["label"], f"{first['probability']:.1%}", then))
    if rows.row_count:
        print_table(rows)
