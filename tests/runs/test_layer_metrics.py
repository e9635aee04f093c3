import math
from pathlib import Path

from explorer.runs.layer_metrics import LayerMetricsReader, LayerMetricsWriter, LayerRow, read_layer_metrics


def rows(step: int, seconds: float | None = None) -> list[LayerRow]:
    moment = step / 4 if seconds is None else seconds
    return [
        LayerRow(step, 1, moment, "features.c1", 0.5, 0.001, -0.25, 1.5, None),
        LayerRow(step, 1, moment, "features.relu", None, None, 0.4, 0.6, 0.125),
    ]


def write(path: Path, *steps: int, limit: int = 10**6) -> None:
    writer = LayerMetricsWriter(path, limit)
    for step in steps:
        writer.add(rows(step))
        writer.flush()


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    write(tmp_path / "layers.csv", 1, 2)
    assert read_layer_metrics(tmp_path / "layers.csv") == (*rows(1), *rows(2))


def test_a_file_that_grows_can_be_followed(tmp_path: Path) -> None:
    path = tmp_path / "layers.csv"
    reader = LayerMetricsReader(path)
    assert reader.read_new() == ()
    write(path, 1)
    assert reader.read_new() == tuple(rows(1))
    write(path, 5)
    assert reader.read_new() == tuple(rows(5))
    assert reader.rows == [*rows(1), *rows(5)]


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "layers.csv"
    write(path, 1)
    with path.open("a") as stream:
        stream.write("2,1,0.5,features.c")
    write(path, 3)
    assert [row.step for row in read_layer_metrics(path)] == [1, 1, 3, 3]


def test_steps_that_are_trained_again_replace_those_of_before(tmp_path: Path) -> None:
    path = tmp_path / "layers.csv"
    write(path, 4, 8, 12)
    writer = LayerMetricsWriter(path)
    writer.add(rows(8, seconds=30.0))
    writer.flush()
    reader = LayerMetricsReader(path)
    reader.read_new()
    assert [(row.step, row.seconds) for row in reader.rows] == [(4, 1.0)] * 2 + [(8, 30.0)] * 2
    assert reader.restarts == 1


def test_a_long_run_is_thinned_and_keeps_its_newest_step(tmp_path: Path) -> None:
    path = tmp_path / "layers.csv"
    reader = LayerMetricsReader(path)
    write(path, *range(1, 50), limit=3000)
    reader.read_new()
    write(path, *range(50, 1001), limit=3000)
    assert path.stat().st_size <= 3000
    steps = [row.step for row in read_layer_metrics(path)][::2]
    assert steps[-1] == 1000
    assert len(steps) > 10
    # A reader that followed from the beginning sees what is left.
    reader.read_new()
    assert [row.step for row in reader.rows][::2] == steps


def test_what_is_not_a_number_is_none(tmp_path: Path) -> None:
    path = tmp_path / "layers.csv"
    writer = LayerMetricsWriter(path)
    writer.add([LayerRow(1, 1, 0.0, "a", math.nan, math.inf)])
    writer.flush()
    (row,) = read_layer_metrics(path)
    assert (row.gradient_norm, row.update_ratio) == (None, math.inf)
