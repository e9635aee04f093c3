import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch

from explorer.data.batches import Preprocessing
from explorer.networks import catalogue
from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs.weights import WeightsError, load_network, read_weights_header, save_weights

PREPROCESSING = Preprocessing((1, 28, 28), (0.125,), (0.25,))
DIGITS = tuple("0123456789")


def saved(path: Path, options: LeNet5Options | None = None, **changes: object) -> torch.nn.Module:
    chosen = options or LeNet5Options()
    architecture = catalogue.get("lenet5")
    torch.manual_seed(1)
    network = architecture.build(chosen)
    interface = architecture.interface(chosen)
    given = {
        "architecture": "lenet5",
        "options": chosen,
        "labels": DIGITS,
        "preprocessing": Preprocessing(interface.input_shape, (0.125,), (0.25,)),
        "provenance": {"dataset": "mnist", "seed": 1},
    }
    save_weights(path, network, **{**given, **changes})
    return network


@pytest.mark.parametrize(
    "options",
    [
        LeNet5Options(),
        LeNet5Options(batch_norm=True, input="32x32"),
        LeNet5Options(form="original"),
        LeNet5Options(form="original", centres="trainable"),
    ],
)
def test_a_saved_network_comes_back_with_the_same_answers(tmp_path: Path, options: LeNet5Options) -> None:
    network = saved(tmp_path / "w.safetensors", options).eval()
    loaded = load_network(tmp_path / "w.safetensors")
    assert loaded.options == options
    assert loaded.labels == DIGITS
    assert loaded.architecture.name == "lenet5"
    assert not loaded.network.training
    images = torch.rand(3, *loaded.preprocessing.input_shape)
    assert torch.equal(loaded.network(images), network(images))


def test_the_header_is_read_without_the_weights(tmp_path: Path) -> None:
    saved(tmp_path / "w.safetensors")
    header = read_weights_header(tmp_path / "w.safetensors")
    assert header.provenance == {"dataset": "mnist", "seed": 1}
    assert header.labels == DIGITS
    assert header.preprocessing == {"input_shape": [1, 28, 28], "mean": [0.125], "std": [0.25]}
    assert header.shapes["features.c1.weight"] == (6, 1, 5, 5)


def test_the_same_network_gives_the_same_bytes(tmp_path: Path) -> None:
    saved(tmp_path / "a.safetensors")
    saved(tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_any_safetensors_reader_can_read_the_weights(tmp_path: Path) -> None:
    network = saved(tmp_path / "w.safetensors")
    tensors = safetensors.torch.load_file(tmp_path / "w.safetensors")
    assert tensors.keys() == network.state_dict().keys()
    assert torch.equal(tensors["classifier.output.bias"], network.state_dict()["classifier.output.bias"])


def test_loading_draws_no_random_numbers(tmp_path: Path) -> None:
    saved(tmp_path / "w.safetensors", LeNet5Options(form="original"))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    load_network(tmp_path / "w.safetensors")
    assert torch.equal(torch.rand(3), expected)


def test_a_network_in_another_memory_layout_is_saved_in_the_order_of_its_axes(tmp_path: Path) -> None:
    network = catalogue.get("lenet5").build().to(memory_format=torch.channels_last)
    save_weights(
        tmp_path / "w.safetensors",
        network,
        architecture="lenet5",
        options=LeNet5Options(),
        labels=DIGITS,
        preprocessing=PREPROCESSING,
        provenance={},
    )
    tensors = safetensors.torch.load_file(tmp_path / "w.safetensors")
    assert torch.equal(tensors["features.c3.weight"], network.state_dict()["features.c3.weight"])


def file_with(tensors: dict[str, torch.Tensor] | None = None, **changes: object) -> bytes:
    """A weights file of ours, some of it replaced."""
    network = catalogue.get("lenet5").build()
    stored = {
        "format": 1,
        "architecture": "lenet5",
        "options": {},
        "labels": list(DIGITS),
        "preprocessing": {"input_shape": [1, 28, 28], "mean": [0.125], "std": [0.25]},
        "provenance": {},
        **changes,
    }
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    return safetensors.torch.save({**state, **(tensors or {})}, {"cnn_explorer": json.dumps(stored)})


def with_header(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def pickled() -> bytes:
    class Attack:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, ("touch attacked",)

    import io
    import pickle

    stream = io.BytesIO()
    pickle.dump(Attack(), stream)
    return stream.getvalue()


OURS = {"cnn_explorer": json.dumps({"format": 1})}
MALFORMED = {
    "empty": lambda: b"",
    "short": lambda: b"\x01\x00",
    "text": lambda: b"these are no weights at all, only words\n" * 10,
    "pickle": pickled,
    "zip": lambda: b"PK\x03\x04" + bytes(200),
    "huge header": lambda: struct.pack("<Q", 2**63) + b"{}",
    "header beyond the end": lambda: struct.pack("<Q", 100) + b"{}",
    "header is not JSON": lambda: with_header(b"{" * 50),
    "header is nested": lambda: with_header(b"[" * 100_000),
    "header is a list": lambda: with_header([1, 2]),
    "header has no metadata": lambda: with_header(
        {"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, bytes(4)
    ),
    "metadata is a list": lambda: with_header({"__metadata__": []}),
    "metadata is empty": lambda: with_header({"__metadata__": OURS}),
    "metadata is not JSON": lambda: with_header({"__metadata__": {"cnn_explorer": "{"}}),
    "foreign weights": lambda: safetensors.torch.save({"w": torch.zeros(3)}),
    "cut off": lambda: file_with()[:-100],
    "bytes too many": lambda: file_with() + b"\0",
    "offsets overlap": lambda: file_with().replace(b'"data_offsets":[0,', b'"data_offsets":[4,', 1),
    "a later format": lambda: file_with(format=2),
    "unknown network": lambda: file_with(architecture="lenet6"),
    "unknown option": lambda: file_with(options={"colour": "red"}),
    "wrong option": lambda: file_with(options={"form": "baroque"}),
    "options are a list": lambda: file_with(options=[1]),
    "no labels": lambda: file_with(labels=[]),
    "labels are numbers": lambda: file_with(labels=[0, 1]),
    "one label too few": lambda: file_with(labels=list("012345678")),
    "fixed number of classes": lambda: file_with(options={"form": "original"}, labels=["a", "b"]),
    "preprocessing is empty": lambda: file_with(preprocessing={}),
    "deviation of zero": lambda: file_with(preprocessing={"input_shape": [1, 28, 28], "mean": [0.1], "std": [0]}),
    "mean is a word": lambda: file_with(preprocessing={"input_shape": [1, 28, 28], "mean": ["x"], "std": [1]}),
    "another input": lambda: file_with(preprocessing={"input_shape": [1, 32, 32], "mean": [0.1], "std": [1]}),
    "input is a word": lambda: file_with(preprocessing={"input_shape": "x", "mean": [0.1], "std": [1]}),
    "shape differs": lambda: file_with({"features.c1.bias": torch.zeros(7)}),
    "kind differs": lambda: file_with({"features.c1.bias": torch.zeros(6, dtype=torch.float64)}),
    "one tensor too many": lambda: file_with({"features.c9.bias": torch.zeros(7)}),
    "not a number": lambda: file_with({"features.c1.bias": torch.full((6,), float("nan"))}),
    "infinite": lambda: file_with({"features.c1.bias": torch.full((6,), float("inf"))}),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "w.safetensors"
    path.write_bytes(MALFORMED[kind]())
    with pytest.raises(WeightsError) as refusal:
        load_network(path)
    message = str(refusal.value)
    assert "w.safetensors" in message
    assert "\n" not in message
    assert len(message) < 400
    assert not Path("attacked").exists()


def test_the_file_that_the_malformed_ones_are_made_from_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(file_with())
    assert load_network(path).labels == DIGITS


def test_a_missing_file_and_a_folder_are_refused_in_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.safetensors"):
        with pytest.raises(WeightsError, match="cannot be read"):
            load_network(path)


def test_a_shape_that_does_not_fit_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(file_with({"features.c1.weight": torch.zeros(6, 1, 3, 3)}))
    with pytest.raises(WeightsError, match=r"features\.c1\.weight is 6×1×3×3, expected 6×1×5×5"):
        load_network(path)
