import errno
import os
from pathlib import Path

import pytest

from explorer.runs.metrics import MetricsReader, MetricsRow, MetricsWriter, read_metrics
from explorer.system.files import StorageError


def row(step: int, split: str = "train", loss: float = 0.5) -> MetricsRow:
    return MetricsRow(step, 1 + (step - 1) // 10, step / 4, split, loss, 0.75, 0.003, 1000.0)


def written(path: Path, *rows: MetricsRow) -> None:
    writer = MetricsWriter(path)
    writer.add(rows)
    writer.flush()


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [row(1), row(1, "epoch"), MetricsRow(1, 1, 0.25, "test", 1 / 3, 0.9)]
    written(tmp_path / "metrics.csv", *rows)
    read = read_metrics(tmp_path / "metrics.csv")
    assert read[:2] == tuple(rows[:2])
    assert read[2].loss == pytest.approx(1 / 3, rel=1e-8)
    assert read[2].learning_rate is None


def test_the_header_names_the_columns_once(tmp_path: Path) -> None:
    written(tmp_path / "metrics.csv", row(1))
    written(tmp_path / "metrics.csv", row(2))
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines[0] == "step,epoch,seconds,split,loss,accuracy,learning_rate,images_per_second,top5,mean_iou"
    assert len(lines) == 3


def test_top_five_and_mean_iou_come_back(tmp_path: Path) -> None:
    given = MetricsRow(9, 1, 0.25, "validation", 0.5, 0.75, 0.003, None, 0.875, 0.625)
    written(tmp_path / "metrics.csv", given)
    assert read_metrics(tmp_path / "metrics.csv") == (given,)


def test_a_file_of_an_earlier_version_is_read_and_keeps_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    header = "step,epoch,seconds,split,loss,accuracy,learning_rate,images_per_second"
    path.write_text(f"{header}\n1,1,0.250,train,0.5,0.75,0.003,1000.0\n2,1,0.5")
    written(path, MetricsRow(2, 1, 0.5, "test", 0.5, 0.75, None, None, 0.9))
    assert [(each.step, each.split) for each in read_metrics(path)] == [(1, "train"), (2, "test")]
    assert {line.count(",") for line in path.read_text().splitlines()} == {7}


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    written(path, row(1), row(2))
    # Cut inside the last number: what is left looks like a whole line with a smaller number.
    path.write_bytes(path.read_bytes()[:-3])
    assert [each.step for each in read_metrics(path)] == [1]


def test_a_torn_last_line_is_cut_off_before_more_is_written(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    written(path, row(1), row(2))
    path.write_bytes(path.read_bytes()[:-3])
    written(path, row(2, loss=0.25), row(3))
    assert [(each.step, each.loss) for each in read_metrics(path)] == [(1, 0.5), (2, 0.25), (3, 0.5)]


def test_after_a_resume_the_newer_rows_count_and_what_the_lost_epoch_wrote_is_void(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    written(path, row(1), row(2), row(2, "test"), row(3), row(4), row(5), row(5, "test"))
    written(path, row(3, loss=0.125))
    assert [(each.step, each.split, each.loss) for each in read_metrics(path)] == [
        (1, "train", 0.5),
        (2, "train", 0.5),
        (2, "test", 0.5),
        (3, "train", 0.125),
    ]


def test_a_file_that_grows_can_be_followed(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    reader = MetricsReader(path)
    assert reader.read_new() == ()
    written(path, row(1))
    assert [each.step for each in reader.read_new()] == [1]
    with path.open("a") as stream:
        stream.write("2,1,0.5,train,0.5")
    assert reader.read_new() == ()
    with path.open("a") as stream:
        stream.write(",0.75,0.003,10,,\n")
    assert [each.step for each in reader.read_new()] == [2]
    assert [each.step for each in reader.rows] == [1, 2]


@pytest.mark.parametrize(
    "line", ["", "x,1,1,train,1,,,", "1,1,1,other,1,,,", "1,1", '"', "1,1,1,train,1,,,,,,", "\x00", "9" * 200_000]
)
def test_a_broken_line_in_the_middle_is_passed_over(tmp_path: Path, line: str) -> None:
    path = tmp_path / "metrics.csv"
    written(path, row(1))
    with path.open("a") as stream:
        stream.write(line + "\n")
    written(path, row(2))
    assert [each.step for each in read_metrics(path)] == [1, 2]


def test_rows_that_the_disk_refused_are_written_later_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "metrics.csv"
    writer = MetricsWriter(path)
    writer.add([row(1)])
    writer.flush()
    real_write = os.write

    def half_a_write(descriptor: int, content: memoryview) -> int:
        if len(content) > 5:
            return real_write(descriptor, content[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    writer.add([row(2)])
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half_a_write)
        with pytest.raises(StorageError, match=r"metrics\.csv.*free some space"):
            writer.flush()
    assert [each.step for each in read_metrics(path)] == [1]
    writer.add([row(3)])
    writer.flush(sync=True)
    assert [each.step for each in read_metrics(path)] == [1, 2, 3]
    assert path.read_bytes().count(b"\n") == 4


def test_a_folder_that_is_gone_is_an_error_with_its_path(tmp_path: Path) -> None:
    writer = MetricsWriter(tmp_path / "gone" / "metrics.csv")
    writer.add([row(1)])
    with pytest.raises(StorageError, match="gone"):
        writer.flush()
