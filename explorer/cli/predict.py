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
    from explorer.inference.predictor import MaskAnswer, Prediction, Predictor

NAME = "predict"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="say what is on a picture",
        description=(
            "Says what a trained network sees on pictures. Networks that learnt digits take scans, photographs or "
            "drawings of one digit each, which go through the same steps as a drawing in the window: cropped, fitted "
            "into 20x20 pixels, centred in 28x28. Networks that learnt photographs take photographs, scaled and cut "
            "to their input. U-Net marks pixels: --mask keeps what it marked."
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
    parser.add_argument(
        "--mask",
        metavar="FILE.png",
        type=Path,
        help="where to write the picture with its mask over it; for one image and a network that marks pixels",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.top < 1:
        raise UsageError(f"--top is 1 or more, not {arguments.top}")
    if arguments.mask is not None and (len(arguments.images) != 1 or arguments.mask.suffix.lower() != ".png"):
        raise UsageError("--mask FILE.png goes with one image, and FILE ends in .png")
    from explorer.inference.predictor import Predictor, Takes, weights_for  # noqa: PLC0415 - torch, only where needed

    predictor = Predictor.from_file(weights_for(arguments.network, stored_settings.load()))
    if arguments.mask is not None and predictor.takes is not Takes.MASKS:
        raise ValueError(f"{arguments.network} marks no pixels: --mask goes with a network such as unet")
    answers = [_answer(path, predictor, arguments) for path in arguments.images]
    if arguments.json:
        write_json(answers)
    else:
        _print(answers, marks=predictor.takes is Takes.MASKS)
    return 1 if any("error" in answer for answer in answers) else 0


def _answer(path: Path, predictor: Predictor, arguments: argparse.Namespace) -> dict[str, Any]:
    from explorer.data.images import ImageError, read_image  # noqa: PLC0415 - Pillow, only where it is needed

    try:
        picture = read_image(path)
        seen = predictor.see(picture)
        if seen is None:
            raise ImageError(f"{path}: there is nothing on the picture to recognise")
        answer = predictor.answer(seen)
        if arguments.mask is not None:
            _write_mask(arguments.mask, picture, answer)
    except (ImageError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        return {"file": str(path), "error": reason if str(path) in reason else f"{path}: {reason}"}
    return {
        "file": str(path),
        "network": arguments.network,
        "predictions": [{"label": label, "probability": share} for label, share in answer.top(arguments.top)],
    }


def _write_mask(path: Path, picture: Any, answer: Prediction | MaskAnswer) -> None:
    import io  # noqa: PLC0415 - with what follows

    from PIL import Image  # noqa: PLC0415 - only where a mask is written

    from explorer.data.overlay import marked  # noqa: PLC0415
    from explorer.inference.predictor import MaskAnswer  # noqa: PLC0415 - torch, loaded by now
    from explorer.system.files import write_atomically  # noqa: PLC0415

    if isinstance(answer, MaskAnswer):
        content = io.BytesIO()
        Image.fromarray(marked(picture, answer.mask)).save(content, "PNG")
        write_atomically(path, content.getvalue())


def _print(answers: list[dict[str, Any]], *, marks: bool) -> None:
    rows = table(["File", "Answer", "Probability", "Then"], right=["Probability"])
    for answer in answers:
        if "error" in answer:
            print(f"cnn-explorer: {answer['error']}", file=sys.stderr)  # noqa: T201
            continue
        if marks:
            shares = ", ".join(f"{each['label']} {each['probability']:.1%}" for each in answer["predictions"])
            print(f"{answer['file']}: of all pixels, {shares}.")  # noqa: T201
            continue
        first, *others = answer["predictions"]
        then = ", ".join(f"{other['label']} {other['probability']:.1%}" for other in others)
        rows.add_row(*cells(answer["file"], first["label"], f"{first['probability']:.1%}", then))
    if rows.row_count:
        print_table(rows)
