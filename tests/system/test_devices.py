import threading

import pytest
import torch

from explorer.system import devices


def fake(monkeypatch: pytest.MonkeyPatch, *, cuda: bool, mps: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(devices, "describe", lambda name: name.upper())


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(False, False, "cpu"), (True, False, "cuda"), (False, True, "mps"), (True, True, "cuda")]
)
def test_auto_is_the_fastest_device_there_is(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, best: str) -> None:
    fake(monkeypatch, cuda=cuda, mps=mps)
    assert devices.resolve("auto") == best
    assert devices.resolve("cpu") == "cpu"


def test_a_device_that_is_not_there_is_refused_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, cuda=False, mps=True)
    with pytest.raises(ValueError, match=r"no CUDA device.*it has cpu, mps: choose auto"):
        devices.resolve("cuda")


def test_an_unknown_device_is_refused_with_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, cuda=False, mps=False)
    with pytest.raises(ValueError, match="one of auto, cpu, cuda, mps, not 'tpu'"):
        devices.resolve("tpu")


@pytest.mark.parametrize(("count", "words"), [(1, "CPU, 1 core"), (8, "CPU, 8 cores")])
def test_the_processor_is_described_by_its_cores(monkeypatch: pytest.MonkeyPatch, count: int, words: str) -> None:
    monkeypatch.setattr(devices, "cores", lambda: count)
    assert devices.describe("cpu") == words


def test_the_processor_is_always_available() -> None:
    assert devices.available()[0].name == "cpu"
    assert devices.cores() >= 1


def test_the_number_of_threads_holds_for_one_thread_alone() -> None:
    before = devices.use_threads(3)
    inside: list[int] = []

    def other() -> None:
        with devices.threads(1):
            inside.append(torch.get_num_threads())

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert inside == [1]
    assert torch.get_num_threads() == 3
    assert devices.use_threads(before) == 3
    assert torch.get_num_threads() == before
