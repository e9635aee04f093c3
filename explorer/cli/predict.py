"""`cnn-explorer predict`: what a trained network says of pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli import predict_several
from explorer.cli.arguments import UsageError, add_json
from explorer.cli.pictures import Failed, tried
from explorer.cli.printing import cells, print_table, table, write_json
from explorer.data.picture_files import with_those_in_folders
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
    parser.add_argument(
        "images",
        metavar="IMAGE",
        nargs="+",
        type=Path,
        help="a picture in any common format, or a folder of pictures",
    )
    parser.add_argument(
        "--network",
        dest="networks",
        metavar="NAME|RUN[:EPOCH]|FILE",
        action="append",
        help=(
            "shipped weights by name, a run (with an epoch), a weights file, or downloaded ImageNet weights such as "
            "torchvision/resnet18 (see `cnn-explorer weights`); default: lenet5, as shipped. Given several times, the "
            "networks answer side by side, and those with the same labels vote"
        ),
    )
    parser.add_argument("--top", metavar="N", type=int, default=3, help="how many answers to give (default 3)")
    parser.add_argument(
        "--mask",
        metavar="FILE.png",
        type=Path,
        help="where to write the picture with its mask over it; for one image and a network that marks pixels",
    )
    parser.add_argument(
        "--ten-crop",
        action="store_true",
        help=(
            "average the answers to ten pieces of a photograph, corners, middle and their mirror images, as AlexNet's "
            "paper does; of a digit, to nine places a pixel apart. Several networks are averaged so each for itself"
        ),
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.top < 1:
        raise UsageError(f"--top is 1 or more, not {arguments.top}")
    arguments.images = with_those_in_folders(arguments.images)
    if arguments.mask is not None and (len(arguments.images) != 1 or arguments.mask.suffix.lower() != ".png"):
        raise UsageError("--mask FILE.png goes with one image, and FILE ends in .png")
    if arguments.mask is not None and arguments.ten_crop:
        raise UsageError("--mask and --ten-crop exclude each other: pieces are averaged for classes, not for pixels")
    names = arguments.networks or ["lenet5"]
    if len(names) > 1:
        return predict_several.run(arguments, names)
    arguments.network = names[0]
    from explorer.inference.predictor import Takes  # noqa: PLC0415 - torch, only where needed
    from explorer.inference.zoo_predictor import open_predictor  # noqa: PLC0415

    predictor = open_predictor(arguments.network, stored_settings.load())
    if arguments.mask is not None and predictor.takes is not Takes.MASKS:
        raise ValueError(f"{arguments.network} marks no pixels: --mask goes with a network such as unet")
    predict_several.check_ten_crop(arguments, predictor, arguments.network)
    answers = [_answer(path, predictor, arguments) for path in arguments.images]
    if arguments.json:
        write_json(answers)
    else:
        _print(answers, marks=predictor.takes is Takes.MASKS)
    return 1 if any("error" in answer for answer in answers) else 0


def _answer(path: Path, predictor: Predictor, arguments: argparse.Namespace) -> dict[str, Any]:
    from explorer.data.images import read_picture  # noqa: PLC0415 - Pillow, only where it is needed

    def work() -> dict[str, Any]:
        read = read_picture(path)
        answer = predict_several.answer_of(predictor, read.pixels, ten_crop=arguments.ten_crop)
        found: dict[str, Any] = {
            "file": str(path),
            "network": arguments.network,
            "predictions": [{"label": label, "probability": share} for label, share in answer.top(arguments.top)],
        }
        if arguments.mask is not None:
            _write_mask(arguments.mask, read.pixels, answer)
            found["mask"] = str(arguments.mask)
        return {**found, "remarks": list(read.remarks)} if read.remarks else found

    answer = tried(path, work)
    return {"file": str(path), "error": answer.sentence} if isinstance(answer, Failed) else answer


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
        for remark in answer.get("remarks", ()):
            print(f"cnn-explorer: {remark}", file=sys.stderr)  # noqa: T201
        if marks:
            shares = ", ".join(f"{each['label']} {each['probability']:.1%}" for each in answer["predictions"])
            written = f" Wrote {answer['mask']}." if "mask" in answer else ""
            print(f"{answer['file']}: of all pixels, {shares}.{written}")  # noqa: T201
            continue
        first, *others = answer["predictions"]
        then = ", ".join(f"{other['label']} {other['probability']:.1%}" for other in others)
        rows.add_row(*cells(answer["file"], first["label"], f"{first['probability']:.1%}", then))
    if rows.row_count:
        print_table(rows)
