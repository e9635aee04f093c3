"""`compare` and `measure` at the terminal."""

from __future__ import annotations

import json

import pytest

from explorer import throughput
from explorer.cli import run
from explorer.throughput import Throughput


def test_compare_says_what_differs_and_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "lenet5", "lenet5 activation=tanh pooling=max"]) == 0
    printed = capsys.readouterr().out
    assert "type ReLU → Tanh" in printed
    assert "2 × pooling: type AvgPool2d → MaxPool2d" in printed
    assert "as many parameters, as many MACs" in printed


def test_compare_gives_json_for_one_pair_and_a_list_for_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "lenet5", "lenet5 batch_norm=true", "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    # gamma and beta of 6 and 16 maps, and of 120 and 84 units.
    assert one["more"]["parameters"] == 2 * (6 + 16 + 120 + 84)
    assert run(["compare", "lenet5", "lenet5", "lenet5 batch_norm=true", "--json"]) == 0
    two = json.loads(capsys.readouterr().out)
    assert [each["more"]["parameters"] for each in two] == [0, 452]


@pytest.mark.parametrize(
    "arguments", [["compare", "lenet5"], ["compare", "lenet5", "lenet6x"], ["compare", "lenet5", "lenet5 form"]]
)
def test_compare_names_what_it_cannot_take(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_measure_puts_theory_beside_what_was_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(architecture, _options, *, batch, **_keywords):
        seconds = {"lenet5": 0.5, "resnet20": 1.0}[architecture.name]
        return Throughput("CPU, 2 cores", 2, batch, 7, seconds, 0.1, 1000, 3000)

    monkeypatch.setattr(throughput, "measure_throughput", measured)
    assert run(["measure", "lenet5", "resnet20", "--batch-size", "10", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["images_per_second"], each["macs"]) for each in found] == [(20.0, 416_520), (10.0, 40_551_040)]
    assert run(["measure", "lenet5", "resnet20", "--batch-size", "10"]) == 0
    printed = capsys.readouterr().out
    assert "ResNet-20 has 97.4 times the MACs of LeNet-5 and takes 2.0 times as long here" in printed
    assert "batch 10; medians of 7 passes" in printed


def test_a_pass_is_timed_and_its_memory_counted() -> None:
    from explorer.networks.entries.lenet import LENET5

    found = throughput.measure_throughput(LENET5, batch=4, threads=1, seconds=0.02)
    assert found.images_per_second > 0
    assert found.weights_bytes == 4 * 61_706
    # The largest map, 6 x 28 x 28, of four images is held at once with what it was made from.
    assert found.peak_bytes is None or found.peak_bytes >= 4 * 4 * (6 * 28 * 28 + 28 * 28)


def test_measuring_can_be_given_up() -> None:
    from explorer.networks.entries.lenet import LENET5
    from explorer.system.download import Cancelled

    with pytest.raises(Cancelled):
        throughput.measure_throughput(LENET5, threads=1, cancelled=lambda: True)
