import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fork_server import ForkServer, shared_server

from explorer.runs import lock
from explorer.runs.following import RunFollower
from explorer.runs.metrics import MetricsRow, MetricsWriter
from explorer.runs.metrics_columns import MetricsColumns
from explorer.runs.run_folder import METRICS_NAME, list_runs
from explorer.runs.trash import delete_run

HEADER = "step,epoch,seconds,split,loss,accuracy,learning_rate,images_per_second\n"


def write(folder: Path, text: str, mode: str = "a") -> None:
    with (folder / METRICS_NAME).open(mode, encoding="utf-8") as stream:
        stream.write(text)


def steps_of(reader: MetricsColumns) -> list[float]:
    return reader.read_new().rows["train"]["step"].tolist()


def test_only_what_is_new_is_told(tmp_path: Path) -> None:
    reader = MetricsColumns(tmp_path)
    assert len(reader.read_new()) == 0
    write(tmp_path, HEADER + "1,1,0.1,train,2.5,,0.01,100\n2,1,0.2,tra")
    first = reader.read_new()
    assert first.rows["train"]["loss"].tolist() == [2.5]
    write(tmp_path, "in,2.25,,,\n")
    assert steps_of(reader) == [2]
    assert steps_of(reader) == []


def test_columns_go_by_their_names_and_missing_ones_are_gaps(tmp_path: Path) -> None:
    write(tmp_path, "loss,split,step,epoch,seconds,top5\n0.5,test,7,1,2.0,0.99\n")
    rows = MetricsColumns(tmp_path).read_new().rows["test"]
    assert (rows["step"].tolist(), rows["top5"].tolist()) == ([7], [0.99])
    assert str(rows["accuracy"][0]) == "nan"


def test_broken_lines_cost_themselves_alone(tmp_path: Path) -> None:
    lines = "1,1,0.1,train,2,,,\nnonsense\n2,1,0.2,mood,2,,,\n3,1\n4,1,0.4,train,1,,,\n"
    write(tmp_path, HEADER + lines)
    assert steps_of(MetricsColumns(tmp_path)) == [1, 4]


def test_a_later_version_may_go_on_with_more_columns(tmp_path: Path) -> None:
    more = HEADER.strip() + ",top5\n"
    write(tmp_path, f"{HEADER}1,1,0.1,test,2,,,\n{more}2,2,0.2,test,1,,,,0.9\n")
    rows = MetricsColumns(tmp_path).read_new().rows["test"]
    assert rows["step"].tolist() == [1, 2]
    assert rows["top5"].tolist()[1] == 0.9


def test_steps_written_again_void_what_came_after_them(tmp_path: Path) -> None:
    reader = MetricsColumns(tmp_path)
    write(tmp_path, HEADER + "".join(f"{step},1,{step},train,9,,,\n" for step in range(1, 8)))
    assert reader.read_new().void_from is None
    write(tmp_path, "4,1,4,train,1,,,\n5,1,5,train,1,,,\n")
    growth = reader.read_new()
    assert growth.void_from == 4
    assert growth.rows["train"]["step"].tolist() == [4, 5]


def test_at_once_it_reads_what_the_row_by_row_reader_reads(tmp_path: Path) -> None:
    from explorer.runs.metrics import read_metrics

    writer = MetricsWriter(tmp_path / METRICS_NAME)
    for sitting in (range(1, 30), range(11, 50), range(21, 90)):
        for step in sitting:
            writer.add([MetricsRow(step, step // 10 + 1, step / 7, "train", 1 / step + len(sitting), 0.5, 0.1, 99.5)])
            if step % 10 == 0:
                writer.add([MetricsRow(step, step // 10, step / 7, "test", 1 / step)])
    writer.flush()
    expected = [row.loss for row in read_metrics(tmp_path / METRICS_NAME) if row.split == "train"]
    assert MetricsColumns(tmp_path).read_new().rows["train"]["loss"].tolist() == pytest.approx(expected)


def test_a_file_that_became_shorter_is_read_anew(tmp_path: Path) -> None:
    reader = MetricsColumns(tmp_path)
    write(tmp_path, HEADER + "1,1,1,train,1,,,\n2,1,2,train,1,,,\n")
    reader.read_new()
    write(tmp_path, HEADER + "1,1,1,train,5,,,\n", mode="w")
    growth = reader.read_new()
    assert growth.void_from == 0
    assert growth.rows["train"]["loss"].tolist() == [5]


@pytest.fixture
def server() -> Iterator[ForkServer]:
    yield shared_server()
    shared_server().end_children()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is made by fork")
def test_a_run_of_another_process_is_followed_and_left_alone(
    server: ForkServer, own_home: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "leave")
    # For reading as well, so that it opens before anyone reads.
    leave = os.open(tmp_path / "leave", os.O_RDWR)
    process = server.start("followed_script:train", str(tmp_path / "leave"), CNN_EXPLORER_HOME=str(own_home))
    assert process.line(60) == "1", process.complained
    (run,) = list_runs(own_home / "runs")
    assert run.status == "running"
    follower = RunFollower(run.folder)
    growth = follower.read_new()
    assert growth.metrics.rows["train"]["step"].tolist() == [1, 2, 3, 4]
    assert growth.saved == (1,)
    assert not growth.is_over
    with pytest.raises(lock.LockedError):
        delete_run(run.folder)
    with pytest.raises(lock.LockedError):
        lock.acquire(run.folder)
    os.write(leave, b"+")
    assert process.line(60, 1) == "2"
    growth = follower.read_new()
    assert growth.metrics.rows["train"]["step"].tolist() == [5, 6, 7, 8]
    assert growth.metrics.rows["test"]["epoch"].tolist() == [2]
    os.write(leave, b"++")
    assert process.ended(60)
    os.close(leave)
    assert process.code == 0, process.complained
    assert follower.read_new().run.status == "finished"
    assert follower.read_new().is_over
