"""`cnn-explorer predict` with several networks: each answer, and what those with the same labels say together."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.arguments import UsageError
from explorer.cli.pictures import Failed, tried
from explorer.cli.printing import cells, print_table, table, write_json
from explorer.system import settings as stored_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.inference.prediction import Prediction
    from explorer.inference.predictor import MaskAnswer, Predictor

_TOGETHER = "together"


def run(arguments: argparse.Namespace, names: list[str]) -> int:
    """Answers each picture by each network; 1 where something could not be answered.

    In JSON each picture has, beside "file", "network" and "predictions" as with one network (those of the ensemble, or
    of the first network where none vote together), a list "networks" of the same two, and "ensembles". What marks
    pixels has an "of": "pixels" among them: its shares are of the pixels.
    """
    if arguments.mask is not None:
        raise UsageError("--mask goes with one network")
    from explorer.inference.zoo_predictor import open_predictor  # noqa: PLC0415 - torch, only where needed

    settings = stored_settings.load()
    predictors = [(name, open_predictor(name, settings)) for name in names]
    for name, predictor in predictors:
        check_ten_crop(arguments, predictor, name)
    answers = [_answered(path, predictors, arguments) for path in arguments.images]
    if arguments.json:
        write_json(answers)
    else:
        _print(answers)
    failed = any("error" in each or any("error" in of for of in each["networks"]) for each in answers)
    return 1 if failed else 0


def check_ten_crop(arguments: argparse.Namespace, predictor: Predictor, name: str) -> None:
    """Refuses --ten-crop for a network that marks pixels.

    Raises:
        ValueError: that is so.
    """
    from explorer.inference.predictor import Takes  # noqa: PLC0415 - torch, loaded by now

    if arguments.ten_crop and predictor.takes is Takes.MASKS:
        raise ValueError(f"{name} marks pixels: --ten-crop averages the classes of pieces; leave one of the two out")


def answer_of(predictor: Predictor, picture: NDArray[Any], *, ten_crop: bool) -> Prediction | MaskAnswer:
    """The answer to a picture, or the mean of those to its pieces.

    Raises:
        ValueError: nothing is on it.
    """
    from explorer.inference.ten_crop import averaged  # noqa: PLC0415 - torch, loaded by now

    seen = predictor.see(picture)
    if seen is None:
        raise ValueError("there is nothing on the picture to recognise")
    return averaged(predictor, picture).mean if ten_crop else predictor.answer(seen)


def _answered(path: Path, predictors: list[tuple[str, Predictor]], arguments: argparse.Namespace) -> dict[str, Any]:
    from explorer.data.images import read_picture  # noqa: PLC0415 - Pillow, only where it is needed
    from explorer.inference.ensemble import grouped, together  # noqa: PLC0415
    from explorer.inference.prediction import Prediction  # noqa: PLC0415

    read = tried(path, lambda: read_picture(path))
    if isinstance(read, Failed):
        return {"file": str(path), "error": read.sentence}
    top, pixels = arguments.top, read.pixels
    entries: list[dict[str, Any]] = []
    found: list[Prediction | None] = []
    for name, predictor in predictors:
        answer = tried(path, partial(answer_of, predictor, pixels, ten_crop=arguments.ten_crop))
        if isinstance(answer, Failed):
            entries.append({"network": name, "error": answer.sentence})
        else:
            of_pixels = {} if isinstance(answer, Prediction) else {"of": "pixels"}
            entries.append({"network": name, "predictions": _shares(answer, top), **of_pixels})
        found.append(answer if isinstance(answer, Prediction) else None)
    ensembles = []
    for places in grouped(found):
        joint = together([each for each in (found[place] for place in places) if each is not None])
        ensembles.append(
            {
                "networks": [predictors[place][0] for place in places],
                "predictions": _shares(joint.mean, top),
                "votes": [{"label": label, "count": count} for label, count in joint.votes],
                "majority": joint.majority,
            }
        )
    answered = sorted((each for each in entries if "predictions" in each), key=lambda each: "of" in each)
    first = ensembles[0] if ensembles else next(iter(answered), None)
    if first is None:
        return {"file": str(path), "error": entries[0]["error"]}
    remarks = {"remarks": list(read.remarks)} if read.remarks else {}
    return {
        "file": str(path),
        "network": _names(first) if "networks" in first else first["network"],
        "predictions": first["predictions"],
        **({"of": first["of"]} if "of" in first else {}),
        "networks": entries,
        "ensembles": ensembles,
        **remarks,
    }


def _shares(answer: Prediction | MaskAnswer, top: int) -> list[dict[str, Any]]:
    return [{"label": label, "probability": share} for label, share in answer.top(top)]


def _print(answers: list[dict[str, Any]]) -> None:
    rows = table(["File", "Network", "Answer", "Probability", "Then"], right=["Probability"])
    for answer in answers:
        if "error" in answer:
            print(f"cnn-explorer: {answer['error']}", file=sys.stderr)  # noqa: T201
            continue
        for remark in answer.get("remarks", ()):
            print(f"cnn-explorer: {remark}", file=sys.stderr)  # noqa: T201
        for each in answer["networks"]:
            if "error" in each:
                print(f"cnn-explorer: {each['network']}: {each['error']}", file=sys.stderr)  # noqa: T201
            elif each.get("of") == "pixels":
                shares = ", ".join(f"{share['label']} {share['probability']:.1%}" for share in each["predictions"])
                rows.add_row(*cells(answer["file"], each["network"], "marks pixels", "", shares))
            else:
                rows.add_row(*_row(answer["file"], each["network"], each["predictions"]))
        for each in answer["ensembles"]:
            count = len(each["networks"])
            votes = ", ".join(f"{vote['label']} {vote['count']}" for vote in each["votes"])
            named = f"{_TOGETHER} ({count})" if len(answer["ensembles"]) == 1 else f"{_TOGETHER}: {_names(each)}"
            rows.add_row(*_row(answer["file"], named, each["predictions"], f"; votes: {votes}"))
    if rows.row_count:
        print_table(rows)


def _names(ensemble: dict[str, Any]) -> str:
    return " + ".join(ensemble["networks"])


def _row(file: str, network: str, predictions: list[dict[str, Any]], more: str = "") -> Any:
    first, *others = predictions
    then = ", ".join(f"{other['label']} {other['probability']:.1%}" for other in others)
    return cells(file, network, first["label"], f"{first['probability']:.1%}", f"{then}{more}")
