"""Weights from files say what they are, and those that cannot answer the pad are refused with a reason."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from explorer.inference import sources
from explorer.ui.answering import Choice, Weights, load_weights


def save_untrained(path: Path, **provenance: object) -> Path:
    """A LeNet-5 as it is before training, in a weights file."""
    import torch

    from explorer.data.batches import Preprocessing
    from explorer.networks import catalogue
    from explorer.runs.weights import save_weights

    architecture = catalogue.get("lenet5")
    options = architecture.options_type()
    torch.manual_seed(5)
    save_weights(
        path,
        architecture.build(options),
        architecture="lenet5",
        options=options,
        labels=tuple("0123456789"),
        preprocessing=Preprocessing(architecture.interface(options).input_shape, (0.1307,), (0.3081,)),
        provenance=provenance,
    )
    return path


def test_weights_say_what_they_are(tmp_path: Path) -> None:
    path = save_untrained(tmp_path / "a.safetensors", dataset="mnist", test_accuracy=0.9917)
    assert load_weights(Choice(Weights.CHOSEN, path)).title == "LeNet-5 on MNIST, 99.2 %"


def test_weights_of_unknown_making_say_what_is_known(tmp_path: Path) -> None:
    assert load_weights(Choice(Weights.CHOSEN, save_untrained(tmp_path / "a.safetensors"))).title == "LeNet-5"


def test_loaded_weights_answer_one_picture(tmp_path: Path) -> None:
    answering = load_weights(Choice(Weights.CHOSEN, save_untrained(tmp_path / "a.safetensors")))
    prediction = answering.answer(np.full((1, 28, 28), 128, np.uint8))
    assert prediction.labels == tuple("0123456789")
    assert sum(prediction.probabilities) == pytest.approx(1)


def test_a_file_without_weights_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"broken\.safetensors"):
        load_weights(Choice(Weights.CHOSEN, path))


def test_an_installation_without_weights_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "shipped_weights", lambda: ())
    with pytest.raises(ValueError, match="train a network on digits"):
        load_weights(Choice(Weights.SHIPPED, None))
    with pytest.raises(ValueError, match="train a network on digits"):
        load_weights(Choice(Weights.NEWEST, None))


def test_a_newer_run_that_is_not_on_digits_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = save_untrained(tmp_path / "digits.safetensors", dataset="mnist", test_accuracy=0.5)
    monkeypatch.setattr(sources, "newest_weights", lambda _kind: digits)
    clothes = tmp_path / "run on clothes"
    clothes.mkdir()
    assert load_weights(Choice(Weights.NEWEST, clothes)).title == "LeNet-5 on MNIST, 50.0 %"
    with pytest.raises(ValueError, match="run on clothes"):
        load_weights(Choice(Weights.CHOSEN, clothes))


def test_the_thread_that_answers_keeps_no_second_core_waiting(tmp_path: Path) -> None:
    import torch

    path = save_untrained(tmp_path / "a.safetensors")
    threads: list[int] = []

    def load() -> None:
        torch.set_num_threads(2)
        load_weights(Choice(Weights.CHOSEN, path))
        threads.append(torch.get_num_threads())

    before = torch.get_num_threads()
    loading = threading.Thread(target=load)
    loading.start()
    loading.join()
    torch.set_num_threads(before)
    assert threads == [1]
