"""Finding, checking, downloading and unpickling CIFAR's batches, with small ones of the same form."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import io
import os
import pickle
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from explorer.data import cifar, datasets, published
from explorer.data.cifar import BatchFile, CifarSource
from explorer.data.errors import DataError
from explorer.data.published import PublishedFile
from explorer.system import download
from explorer.system.settings import Settings

COUNTS = {"data_batch_1": 5, "data_batch_2": 5, "test_batch": 4}
FOLDER = "tiny-batches-py"


class Python2(pickle._Pickler):
    """Writes bytes as Python 2 wrote its strings, which is how the published batches hold keys and pixels."""

    def save_bytes(self, content: bytes) -> None:
        self.write(pickle.BINSTRING + len(content).to_bytes(4, "little") + content)

    dispatch: ClassVar[dict] = {**pickle._Pickler.dispatch, bytes: save_bytes}


def pickled(value: object, module: bytes = b"numpy.core") -> bytes:
    stream = io.BytesIO()
    Python2(stream, protocol=2).dump(value)
    return stream.getvalue().replace(b"numpy._core", module)


def pixels(name: str) -> np.ndarray:
    return np.random.default_rng(list(COUNTS).index(name)).integers(0, 256, (COUNTS[name], 3072)).astype(np.uint8)


def batch(name: str, module: bytes = b"numpy.core") -> bytes:
    labels = [index % 3 for index in range(COUNTS[name])]
    return pickled({b"data": pixels(name), b"labels": labels, b"batch_label": b"x"}, module)


def packed(extra: dict[str, bytes] | None = None, leave_out: str = "") -> bytes:
    stream = io.BytesIO()
    contents = {f"{FOLDER}/{name}": batch(name) for name in reversed(COUNTS) if name != leave_out}
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in {**(extra or {}), **contents}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def source_of(archive: bytes, *addresses: str) -> CifarSource:
    files = [BatchFile(name, count, md5(batch(name))) for name, count in COUNTS.items()]
    return CifarSource(
        title="Tiny",
        folder=FOLDER,
        archive=PublishedFile("tiny.tar.gz", len(archive), md5(archive), hashlib.sha256(archive).hexdigest()),
        addresses=addresses or ("https://one.invalid/",),
        label_key="labels",
        classes=3,
        train=tuple(files[:2]),
        test=tuple(files[2:]),
    )


ARCHIVE = packed()
SOURCE = source_of(ARCHIVE)


def fill(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in COUNTS:
        (folder / name).write_bytes(batch(name))
    return folder


def read(source: CifarSource, *folders: Path) -> tuple:
    return cifar.read(source, folders, lambda _what, _share: None, lambda: False)


def assert_right(train: object, test: object) -> None:
    both = np.concatenate([pixels("data_batch_1"), pixels("data_batch_2")])
    assert np.array_equal(train.images, both.reshape(10, 3, 32, 32))
    assert train.labels.tolist() == [0, 1, 2, 0, 1, 0, 1, 2, 0, 1]
    assert train.labels.dtype == np.int64
    assert np.array_equal(test.images, pixels("test_batch").reshape(4, 3, 32, 32))
    assert train.images.flags.writeable


class Server:
    """Answers each address as its first part says."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.path, self.headers.get("Range")))
                getattr(server, self.path.split("/")[1])(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def address(self, kind: str) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/{kind}/"

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @staticmethod
    def _send(to: BaseHTTPRequestHandler, status: int, body: bytes, length: int, **headers: str) -> None:
        to.send_response(status)
        to.send_header("Content-Length", str(length))
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        to.wfile.write(body)

    def whole(self, to: BaseHTTPRequestHandler) -> None:
        start = int((to.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
        place = f"bytes {start}-{len(ARCHIVE) - 1}/{len(ARCHIVE)}"
        self._send(to, 206 if start else 200, ARCHIVE[start:], len(ARCHIVE) - start, Content_Range=place)

    def cut(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, ARCHIVE[:5000], len(ARCHIVE))
        to.close_connection = True

    def stalled(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, ARCHIVE[:5000], len(ARCHIVE))
        to.wfile.flush()
        self.released.wait(20)

    def busy(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 503, b"", 0)

    def sign_in(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 302, b"", 0, Location=self.address("portal"))

    def portal(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, b"<html>Sign in</html>", 20, Content_Type="text/html")

    def altered(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, ARCHIVE[:-9] + bytes(9), len(ARCHIVE))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(download, "fetch", functools.partial(download.fetch, read_timeout=0.3))
    running = Server()
    yield running
    running.close()


@pytest.mark.parametrize("place", [FOLDER, "."])
def test_unpacked_batches_are_read_where_they_lie(tmp_path: Path, place: str) -> None:
    fill(tmp_path / "given" / place)
    train, test, where = read(SOURCE, tmp_path / "given", tmp_path / "own")
    assert_right(train, test)
    assert where == tmp_path / "given" / place


def test_an_archive_in_a_folder_of_the_user_is_read_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "tiny.tar.gz").write_bytes(ARCHIVE)
    train, test, where = read(SOURCE, tmp_path, tmp_path / "own")
    assert_right(train, test)
    assert where == tmp_path / "tiny.tar.gz"
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.tar.gz"]


@pytest.mark.parametrize("module", [b"numpy.core", b"numpy._core"])
def test_arrays_of_both_versions_of_numpy_are_read(tmp_path: Path, module: bytes) -> None:
    content = batch("test_batch", module)
    assert module + b".multiarray" in content
    split = cifar._decoded(SOURCE, SOURCE.test[0], tmp_path, content)
    assert np.array_equal(split.images.reshape(4, -1), pixels("test_batch"))


def test_a_missing_archive_is_downloaded_unpacked_and_not_kept(tmp_path: Path, server: Server) -> None:
    source = source_of(ARCHIVE, server.address("whole"))
    train, test, where = read(source, tmp_path / "given", tmp_path / "own")
    assert_right(train, test)
    assert where == tmp_path / "own" / FOLDER
    assert sorted(path.name for path in (tmp_path / "own").rglob("*")) == [*COUNTS, FOLDER]
    read(source, tmp_path / "own")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("cut", "broke off after 5,000 of"),
        ("stalled", "no answer in time"),
        ("busy", "503"),
        ("sign_in", "sign in"),
        ("altered", "md5"),
    ],
)
def test_a_download_that_fails_is_told_in_a_sentence_and_the_next_source_serves(
    tmp_path: Path, server: Server, fault: str, reason: str
) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        read(source_of(ARCHIVE, server.address(fault)), tmp_path)
    assert "'digits'" in str(caught.value)
    assert "\n" not in str(caught.value)
    train, test, _ = read(source_of(ARCHIVE, server.address(fault), server.address("whole")), tmp_path)
    assert_right(train, test)


def test_a_download_that_was_cut_goes_on_where_it_ended(tmp_path: Path, server: Server) -> None:
    with pytest.raises(DataError):
        read(source_of(ARCHIVE, server.address("cut")), tmp_path)
    read(source_of(ARCHIVE, server.address("whole")), tmp_path)
    assert server.asked[-1] == ("/whole/tiny.tar.gz", "bytes=5000-")


def test_a_damaged_batch_of_our_own_is_fetched_again(tmp_path: Path, server: Server) -> None:
    source = source_of(ARCHIVE, server.address("whole"))
    own = fill(tmp_path / FOLDER)
    (own / "data_batch_2").write_bytes(batch("data_batch_2")[:-1])
    assert_right(*read(source, tmp_path)[:2])
    assert (own / "data_batch_2").read_bytes() == batch("data_batch_2")


def test_a_damaged_archive_of_our_own_is_fetched_again(tmp_path: Path, server: Server) -> None:
    (tmp_path / "tiny.tar.gz").write_bytes(ARCHIVE[:-1])
    assert_right(*read(source_of(ARCHIVE, server.address("whole")), tmp_path)[:2])


@pytest.mark.parametrize("name", ["data_batch_2", "tiny.tar.gz"])
def test_a_damaged_file_of_the_user_is_named_and_kept(tmp_path: Path, name: str) -> None:
    if name == "tiny.tar.gz":
        (tmp_path / name).write_bytes(ARCHIVE[:-1] + b"?")
        path = tmp_path / name
    else:
        path = fill(tmp_path / FOLDER) / name
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(DataError, match="delete it or copy it again") as caught:
        read(SOURCE, tmp_path, tmp_path / "own")
    assert str(path) in str(caught.value)
    assert path.exists()


def test_a_batch_altered_after_it_was_verified_is_noticed(tmp_path: Path) -> None:
    folder = fill(tmp_path / FOLDER)
    read(SOURCE, tmp_path, tmp_path / "own")
    path = folder / "test_batch"
    before = path.stat().st_mtime_ns
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    os.utime(path, ns=(before + 1, before + 1))
    with pytest.raises(DataError, match="MD5"):
        read(SOURCE, tmp_path, tmp_path / "own")


def test_an_archive_without_a_batch_is_damaged(tmp_path: Path) -> None:
    archive = packed(leave_out="data_batch_2")
    (tmp_path / "tiny.tar.gz").write_bytes(archive)
    with pytest.raises(DataError, match=f"{FOLDER}/data_batch_2 is not in it"):
        read(source_of(archive), tmp_path, tmp_path / "own")


def test_only_the_named_members_of_an_archive_are_unpacked(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    archive = packed(
        {
            "other/data_batch_1": b"x",
            "../escaped": b"x",
            f"{FOLDER}/../escaped": b"x",
            "/escaped": b"x",
            f"{FOLDER}/more": b"x",
        }
    )
    (own / "tiny.tar.gz").write_bytes(archive)
    assert_right(*read(source_of(archive), own)[:2])
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "data_batch_1",
        "data_batch_2",
        "own",
        "test_batch",
        FOLDER,
    ]


def test_a_pickle_that_would_run_a_program_is_refused_before_it_runs(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Attack:
        def __reduce__(self) -> tuple:
            return os.system, (f"touch {canary}",)

    content = pickle.dumps({"data": Attack(), "labels": []}, protocol=2)
    with pytest.raises(DataError, match=r"system is not an array"):
        cifar._decoded(SOURCE, SOURCE.test[0], tmp_path / "test_batch", content)
    assert not canary.exists()
    pickle.loads(content)  # noqa: S301 - the canary works
    assert canary.exists()


@pytest.mark.parametrize("name", ["builtins.eval", "numpy.load", "numpy.core.multiarray.fromfile", "os.system"])
def test_nothing_but_arrays_can_be_named_in_a_pickle(tmp_path: Path, name: str) -> None:
    module, _, function = name.rpartition(".")
    content = f"c{module}\n{function}\n.".encode()
    with pytest.raises(DataError, match="is not an array"):
        cifar._decoded(SOURCE, SOURCE.test[0], tmp_path, content)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({b"data": np.zeros((4, 3072), np.uint8), b"labels": [0, 1, 2, 3]}, "labels go beyond 2"),
        ({b"data": np.zeros((4, 3072), np.uint8), b"labels": [0, 1]}, "does not hold 4 labels"),
        ({b"data": np.zeros((3, 3072), np.uint8), b"labels": [0, 1, 2, 0]}, "does not hold 4 images"),
        ({b"data": np.zeros((4, 3072), np.float32), b"labels": [0, 1, 2, 0]}, "does not hold 4 images"),
        ({b"labels": [0, 1, 2, 0]}, "data"),
        ([], "damaged"),
    ],
)
def test_a_batch_of_another_form_is_damaged(tmp_path: Path, stored: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        cifar._decoded(SOURCE, SOURCE.test[0], tmp_path, pickled(stored))


def test_cancelling_stops_between_batches(tmp_path: Path) -> None:
    fill(tmp_path / FOLDER)
    with pytest.raises(download.Cancelled):
        cifar.read(SOURCE, (tmp_path,), lambda _what, _share: None, lambda: True)


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    fill(tmp_path / FOLDER)
    told: list[tuple[str, float | None]] = []
    cifar.read(SOURCE, (tmp_path,), lambda what, share: told.append((what, share)), lambda: False)
    assert told == [("Reading Tiny", pytest.approx(share)) for share in (0, 1 / 3, 2 / 3, 1)]


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tiny.tar.gz").write_bytes(ARCHIVE)

    def full(path: Path, content: bytes) -> None:
        raise published.StorageError(f"could not write {path} ({len(content):,} bytes): No space left on device")

    monkeypatch.setattr(cifar, "write_atomically", full)
    with pytest.raises(DataError, match="No space left"):
        read(SOURCE, tmp_path)
    assert (tmp_path / "tiny.tar.gz").exists()


def test_published_digests_are_those_of_torchvision() -> None:
    # Its text, because importing it takes seconds.
    found = importlib.util.find_spec("torchvision")
    assert found is not None
    text = (Path(found.origin).parent / "datasets" / "cifar.py").read_text(encoding="utf-8")
    for source in (cifar.CIFAR10, cifar.CIFAR100):
        assert f'url = "{source.addresses[0]}{source.archive.name}"' in text
        assert f'base_folder = "{source.folder}"' in text
        assert f'tgz_md5 = "{source.archive.md5}"' in text
        for file in source.batches:
            assert f'["{file.name}", "{file.md5}"]' in text
        assert sum(file.count for file in source.train) == 50_000


def test_cifar_10_has_the_figures_everyone_knows(real_data: Path) -> None:
    if not datasets.is_available("cifar10"):
        pytest.skip("CNN_EXPLORER_DATA holds no CIFAR-10")
    loaded = datasets.load("cifar10", Settings())
    assert loaded.train.images.shape == (50_000, 3, 32, 32)
    # As papers print them; the first labels are frog, truck, truck, deer, automobile.
    assert loaded.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=5e-5)
    assert loaded.std == pytest.approx((0.2470, 0.2435, 0.2616), abs=5e-5)
    assert loaded.train.labels[:5].tolist() == [6, 9, 9, 4, 1]
    assert np.bincount(loaded.train.labels).tolist() == [5000] * 10
    assert loaded.checksum == datasets._checksum(loaded.train, loaded.test)
