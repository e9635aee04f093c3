import csv
import dataclasses
import math
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.data.split import Split
from explorer.networks.catalogue import CATALOGUE
from explorer.runs.epochs import weights_path
from explorer.runs.export import FORMATS, ExportError, export_run
from explorer.runs.export_events import crc32c
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import METRICS_NAME, Run, read_run
from explorer.runs.source_bundle import Bundle
from explorer.runs.weights_header import read_weights_header
from explorer.system.files import StorageError
from explorer.training.config import TrainingConfig
from explorer.training.events import Change
from explorer.training.fit import fit


@pytest.fixture
def first_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in data set, cut to 400 images to train on and 100 to test with, as a script cuts it."""
    whole = datasets.load

    def first(split: Split, count: int) -> Split:
        return Split(split.images[:count], split.labels[:count])

    def load(*arguments, **keywords):
        dataset = whole(*arguments, **keywords)
        return dataclasses.replace(dataset, train=first(dataset.train, 400), test=first(dataset.test, 100))

    monkeypatch.setattr(datasets, "load", load)


@pytest.fixture
def trained(first_digits: None) -> Run:
    config = TrainingConfig(
        dataset="digits", epochs=1, batch_size=64, augmentation=Augmentation.LIGHT, threads=1, device="cpu", seed=3,
        validation_share=0.1,
    )  # fmt: skip
    events = list(fit(config))
    return read_run(events[0].folder)


def test_a_run_is_had_in_each_form(trained: Run, tmp_path: Path) -> None:
    export_run(trained, "csv", tmp_path / "a.csv")
    export_run(trained, "weights", tmp_path / "a.safetensors", 1)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = [row for row in read_metrics(trained.folder / METRICS_NAME) if row.split == "train"]
    losses = [float(row["loss"]) for row in rows if row["split"] == "train"]
    assert losses == pytest.approx([row.loss for row in kept], rel=1e-8)
    assert (tmp_path / "a.safetensors").read_bytes() == weights_path(trained.folder, 1).read_bytes()
    assert read_weights_header(tmp_path / "a.safetensors").labels == tuple("0123456789")
    folder = export_run(trained, "tensorboard", tmp_path / "events")
    (path,) = folder.iterdir()
    assert list(losses_of(path.read_bytes())) == pytest.approx(losses)
    target = export_run(trained, "script", tmp_path / "again.py")
    done = subprocess.run(
        [sys.executable, target, "--images", "400", "--steps", "6"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        timeout=120,
    )
    said = [line.split("loss ")[1] for line in done.stdout.splitlines() if line.startswith("step")]
    # The same batches in the same order: the first six updates give the same losses to their last digit.
    assert said == [f"{loss:.9g}" for loss in losses[:6]]


def losses_of(content: bytes):
    """The values under the tag of training losses, after checking every length and checksum."""
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        for begin, end in ((at, at + 8), (at + 12, at + 12 + length)):
            crc = crc32c(content[begin:end])
            masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
            assert struct.unpack_from("<I", content, end) == (masked,)
        message = content[at + 12 : at + 12 + length]
        if b"loss/train_step" in message:
            yield struct.unpack("<f", message[-4:])[0]
        at += 16 + length


def test_the_checksum_is_the_published_one() -> None:
    # RFC 3720, appendix B.4: 32 bytes of zeros, and of ones; and the usual check value.
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(b"123456789") == 0xE3069283


def test_what_cannot_be_exported_is_said_in_a_sentence(tmp_path: Path) -> None:
    broken = Run(tmp_path, None, "broken", "run.json is damaged: no")
    with pytest.raises(ExportError, match=r"run\.json is damaged"):
        export_run(broken, "csv", tmp_path / "x.csv")
    with pytest.raises(ExportError, match=", ".join(each.name for each in FORMATS)):
        export_run(broken, "hdf5", tmp_path / "x")


def test_a_run_on_a_folder_of_images_that_was_trained_on_is_repeated_by_its_script(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name, brightness in (("dark", 40), ("light", 200)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(12):
            pixels = random.integers(brightness, brightness + 50, (30, 28), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{number}.png")
    config = TrainingConfig(dataset=str(tmp_path / "pictures"), epochs=1, batch_size=4, threads=1, device="cpu")
    *_, ended = fit(config)
    run = read_run(ended.folder)
    list(fit(None, run.folder, change=Change(epochs=2, augmentation=Augmentation(shift=0.1))))
    run = read_run(run.folder)
    (tmp_path / "elsewhere").mkdir()
    target = export_run(run, "script", tmp_path / "elsewhere" / "again.py")
    (tmp_path / "pictures").rename(tmp_path / "moved")
    command = [sys.executable, target, "--steps", "8", "--data", str(tmp_path / "moved")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=target.parent, env={**os.environ, "PYTHONPATH": ""}
    )
    said = [line.split("loss ")[1] for line in done.stdout.splitlines() if line.startswith("step")]
    kept = [row for row in read_metrics(run.folder / METRICS_NAME) if row.split == "train"]
    # Six updates are an epoch.
    assert said == [f"{row.loss:.9g}" for row in kept[:8]]


def test_figures_that_tensorboard_cannot_hold_are_infinite_there(trained: Run, tmp_path: Path) -> None:
    (trained.folder / METRICS_NAME).write_text(
        "step,epoch,seconds,split,loss,accuracy,learning_rate,images_per_second,top5,mean_iou\n"
        "-1,1,1,train,0.5,,,,,\n1,1,1,train,1e39,,,,,\n2,1,1,train,-1e39,,,,,\n3,1,1,train,0.25,,,,,\n"
    )
    (path,) = export_run(trained, "tensorboard", tmp_path / "events").iterdir()
    assert list(losses_of(path.read_bytes())) == [math.inf, -math.inf, 0.25]


def test_a_file_in_the_way_of_an_export_is_named(trained: Run, tmp_path: Path) -> None:
    (tmp_path / "events").write_text("")
    with pytest.raises(StorageError, match="events"):
        export_run(trained, "tensorboard", tmp_path / "events")


def test_onnx_without_its_packages_says_what_to_install(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ExportError, match=r"cnn-explorer\[onnx\]"):
        export_run(trained, "onnx", tmp_path / "a.onnx")


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "vgg11", "googlenet", "resnet20", "densenet121", "se_resnet20"])
def test_each_familys_source_stands_alone(name: str) -> None:
    import types

    import torch

    architecture = next(each for each in CATALOGUE if each.name == name)
    bundle = Bundle()
    module, function, *given = architecture.builder.split(":")
    options = bundle.add(
        architecture.options_type.__module__.removeprefix("explorer."), architecture.options_type.__name__
    )
    build = bundle.add(module.removeprefix("explorer."), function)
    source = "from __future__ import annotations\n" + bundle.source()
    assert "import explorer" not in source
    assert "from explorer" not in source
    made = types.ModuleType(f"bundle_of_{name}")
    sys.modules[made.__name__] = made
    exec(compile(source, name, "exec"), made.__dict__)  # noqa: S102 - that it runs is what is tested
    with torch.device("meta"):
        network = getattr(made, build)(*given, getattr(made, options)(), 10)
        expected = architecture.build(classes=10)
    assert [(key, value.shape) for key, value in network.state_dict().items()] == [
        (key, value.shape) for key, value in expected.state_dict().items()
    ]
    del sys.modules[made.__name__]
