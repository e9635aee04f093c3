"""Bare weights: matched to the catalogue, and never run."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from explorer.foreign import recognising, state_dict
from explorer.foreign.errors import ForeignError
from explorer.foreign.state_dict import Weights
from explorer.foreign.weights import with_classes
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture, Interface
from explorer.networks.options import check_options, option

LENET = catalogue.get("lenet5")
ONLY_LENET = (LENET,)


def _weights(
    changes: Callable[[dict[str, Any]], dict[str, Any]] = dict, classes: int | None = None, **options
) -> Weights:
    network = LENET.build(LENET.options_type(**options), classes)
    return Weights("w.pt", {name: tuple(t.shape) for name, t in changes(dict(network.state_dict())).items()})


def test_a_state_dict_is_recognised_by_names_and_shapes() -> None:
    found, _ = recognising.find(_weights(), entries=ONLY_LENET)
    assert found == recognising.Match(LENET, LENET.options_type())


def test_its_options_are_found() -> None:
    found, _ = recognising.find(_weights(batch_norm=True), entries=ONLY_LENET)
    assert found is not None
    assert found.options == LENET.options_type(batch_norm=True)
    found, _ = recognising.find(_weights(form="original"), entries=ONLY_LENET)
    assert found is not None
    assert found.options.form == "original"


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "module.model."])
def test_what_wrappers_put_before_the_names_does_not_matter(prefix: str) -> None:
    def wrapped(tensors: dict[str, Any]) -> dict[str, Any]:
        return {prefix + name: tensor for name, tensor in tensors.items()} | {"loss.weight": torch.ones(10)}

    found, _ = recognising.find(_weights(wrapped), entries=ONLY_LENET)
    assert found == recognising.Match(LENET, LENET.options_type())


def test_counters_of_batch_norm_may_be_missing() -> None:
    def old(tensors: dict[str, Any]) -> dict[str, Any]:
        return {name: tensor for name, tensor in tensors.items() if "num_batches" not in name}

    found, _ = recognising.find(_weights(old, batch_norm=True), entries=ONLY_LENET)
    assert found is not None


def test_another_number_of_classes_is_accepted_and_rebuilt() -> None:
    found, _ = recognising.find(_weights(classes=47), entries=ONLY_LENET)
    assert found == recognising.Match(LENET, LENET.options_type(), 47)
    changed = with_classes(LENET, 47)
    assert changed.interface(LENET.options_type()).classes == 47
    assert changed.build().state_dict()["classifier.output.weight"].shape[0] == 47


def test_what_is_nearest_is_said() -> None:
    def changed(tensors: dict[str, Any]) -> dict[str, Any]:
        name = next(name for name in tensors if name.endswith("c3.weight"))
        return tensors | {name: torch.ones(20, 6, 5, 5)}

    found, near = recognising.find(_weights(changed), entries=ONLY_LENET)
    assert found is None
    words = recognising.nearest_in_words(near)
    assert words == "nearest is lenet5: 1 tensor differs, such as features.c3.weight, 20×6×5×5 instead of 16×6×5×5"
    found, near = recognising.find(Weights("w.pt", {"embedding": (5, 5)}), entries=ONLY_LENET)
    assert "similar" in recognising.nearest_in_words(near)


@dataclass(frozen=True)
class _ManyOptions:
    a: bool = option(False, label="a", help="a")
    b: bool = option(False, label="b", help="b", only_when={"a": True})
    width: int = option(3, label="width", help="width")

    def __post_init__(self) -> None:
        check_options(self)


def test_options_are_varied_from_the_smallest_change_on() -> None:
    assert [(o.a, o.b, o.width) for o in recognising.variants(_ManyOptions)] == [(True, False, 3), (True, True, 3)]


def _build_two(options: _ManyOptions, classes: int) -> nn.Module:
    return nn.Sequential(nn.Linear(4, 4 if options.b else 3), nn.Linear(4 if options.b else 3, classes))


def test_any_catalogue_is_searched_the_likeliest_first() -> None:
    entry = Architecture(
        "two", "Two", "Two", 2000, None, "", "", "", LENET.task, _ManyOptions,
        lambda _: Interface((1, 2, 2)), f"{__name__}:_build_two", 40,
    )  # fmt: skip
    network = _build_two(_ManyOptions(a=True, b=True), 10)
    weights = Weights("w.pt", {name: tuple(t.shape) for name, t in network.state_dict().items()})
    tried: list[str] = []
    found, _ = recognising.find(weights, lambda words, _: tried.append(words), entries=(LENET, entry))
    assert tried[0] == "comparing with two"
    assert found == recognising.Match(entry, _ManyOptions(a=True, b=True))


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    "wrap",
    [dict, lambda s: {"epoch": 3, "state_dict": s, "ema": {}}, lambda s: {"a": {"b": {"model": OrderedDict(s)}}}],
)
def test_checkpoints_are_read_wherever_they_keep_their_tensors(tmp_path: Path, legacy: bool, wrap) -> None:
    tensors = LENET.build().state_dict()
    path = tmp_path / "w.pt"
    torch.save(wrap(tensors), path, _use_new_zipfile_serialization=not legacy)
    assert state_dict.read(path).shapes == {name: tuple(t.shape) for name, t in tensors.items()}


def test_weights_of_this_program_say_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    options = {**vars(LENET.options_type()), "activation": "tanh"}
    said = json.dumps({"format": 1, "architecture": "lenet5", "options": options})
    save_file(LENET.build().state_dict(), path, {"cnn_explorer": said})
    found, _ = recognising.find(state_dict.read(path), entries=ONLY_LENET)
    assert found is not None
    assert found.options.activation == "tanh"


class _Trap:
    """Unpickled plainly, it makes a file."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> Any:
        return os.system, (f"touch '{self.canary}'",)


def _torch_zip(path: Path, pickled: bytes, data: bytes = b"\0" * 16) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w/data.pkl", pickled)
        archive.writestr("w/data/0", data)
        archive.writestr("w/version", "3\n")


def _trap_inside_weights(path: Path, canary: Path) -> None:
    torch.save({"state_dict": {"w": torch.ones(2)}, "extra": _Trap(canary)}, path)


def _trap_alone(path: Path, canary: Path) -> None:
    path.write_bytes(pickle.dumps(_Trap(canary)))


def _trap_of_the_old_format(path: Path, canary: Path) -> None:
    torch.save({"w": torch.ones(2), "extra": _Trap(canary)}, path, _use_new_zipfile_serialization=False)


def _trap_in_a_zip_in_a_zip(path: Path, canary: Path) -> None:
    inner = io.BytesIO()
    torch.save({"extra": _Trap(canary)}, inner)
    _torch_zip(path, pickle.dumps(_Trap(canary), 2), inner.getvalue())


def _whole_network(path: Path, canary: Path) -> None:
    torch.save(nn.Sequential(nn.Conv2d(1, 1, 1)), path)


def _script(path: Path, canary: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w/constants.pkl", pickle.dumps(()))
        archive.writestr("w/code/__torch__.py", "")
        archive.writestr("w/data.pkl", pickle.dumps({}))
        archive.writestr("w/version", "3\n")


def _cut_off(path: Path, canary: Path) -> None:
    torch.save(LENET.build().state_dict(), path)
    path.write_bytes(path.read_bytes()[:-2000])


def _cut_off_of_the_old_format(path: Path, canary: Path) -> None:
    torch.save(LENET.build().state_dict(), path, _use_new_zipfile_serialization=False)
    path.write_bytes(path.read_bytes()[:-2000])


def _noise(path: Path, canary: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def _empty(path: Path, canary: Path) -> None:
    path.touch()


def _no_tensors(path: Path, canary: Path) -> None:
    torch.save({"epoch": 3}, path)


def _ten_gigabytes(path: Path, canary: Path) -> None:
    torch.save({"w": torch.ones(4)}, path)
    with zipfile.ZipFile(path) as archive:
        pickled = archive.read("w/data.pkl")
    # The size of the storage and the shape, both written as the one-byte number 4.
    count = struct.pack("<i", 2**31 - 1)
    assert pickled.count(b"K\x04") == 2
    _torch_zip(path, pickled.replace(b"K\x04", b"J" + count))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_trap_inside_weights, "would call posix.system, which could run code; nothing was run"),
        (_trap_alone, "not plain weights"),
        (_trap_of_the_old_format, "would call posix.system"),
        (_trap_in_a_zip_in_a_zip, "would call posix.system"),
        (_whole_network, "would call torch.nn.modules.container.Sequential"),
        (_script, "TorchScript"),
        (_cut_off, "damaged, cut off"),
        (_cut_off_of_the_old_format, "damaged, cut off"),
        (_noise, "damaged, cut off"),
        (_empty, "damaged, cut off"),
        (_no_tensors, "holds no tensors"),
        (_ten_gigabytes, "bytes of weights, and has"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*TorchScript:UserWarning", "ignore:.*pickle protocol:UserWarning")
def test_damaged_and_malicious_checkpoints_give_their_message(make, said: str, tmp_path: Path) -> None:
    path, canary = tmp_path / "w.pt", tmp_path / "canary"
    make(path, canary)
    with pytest.raises(ForeignError) as refused:
        state_dict.read(path)
    assert said in str(refused.value)
    assert str(refused.value).startswith("w.pt ")
    assert not canary.exists()


def test_a_damaged_safetensors_file_gives_its_message(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"no weights")
    with pytest.raises(ForeignError, match=r"w\.safetensors is cut off"):
        state_dict.read(path)
