"""Downloads against a server on this machine that behaves as badly as servers do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from explorer.system.download import Cancelled, DownloadError, fetch
from explorer.system.files import StorageError

CONTENT = bytes(range(256)) * 1200  # several chunks
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """Answers each path in its own way and notes what was asked for."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None]] = []
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append((self.path, self.headers.get("Range")))
                getattr(server, self.path.strip("/").partition("/")[0])(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/{path}"

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @staticmethod
    def _send(to: BaseHTTPRequestHandler, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        to.send_response(status)
        to.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        to.wfile.write(body)

    def whole(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, CONTENT)

    def ranges(self, to: BaseHTTPRequestHandler) -> None:
        start = int((to.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
        place = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
        self._send(to, 206 if start else 200, CONTENT[start:], Content_Range=place)

    def wrong_range(self, to: BaseHTTPRequestHandler) -> None:
        if to.headers.get("Range"):
            self._send(to, 206, CONTENT[5:], Content_Range=f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}")
        else:
            self._send(to, 200, CONTENT)

    def no_such_range(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 416 if to.headers.get("Range") else 200, b"" if to.headers.get("Range") else CONTENT)

    def truncated(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, CONTENT[:100_000], length=len(CONTENT))
        to.close_connection = True

    def stalls(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, CONTENT[:1000], length=len(CONTENT))
        to.wfile.flush()
        self.released.wait(20)

    def busy(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 503, b"")

    def portal(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, b"<html>Sign in</html>", Content_Type="text/html; charset=utf-8")

    def disguised_portal(self, to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.end_headers()
        to.wfile.write(b"\n<!DOCTYPE html><html>Sign in</html>")
        to.close_connection = True

    def altered(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 200, CONTENT[:-1] + b"?")

    def endless(self, to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.end_headers()
        to.wfile.write(CONTENT + b"more")
        to.close_connection = True

    def leads_away(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 302, b"", Location="http://example.org/file")

    def leads_on(self, to: BaseHTTPRequestHandler) -> None:
        self._send(to, 302, b"", Location=self.url("whole"))


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def get(
    target: Path,
    *urls: str,
    progress: Callable[[int, int | None], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    fetch(
        urls,
        target,
        md5=MD5,
        sha256=SHA256,
        size=len(CONTENT),
        progress=progress,
        cancelled=cancelled,
        connect_timeout=5,
        # Soon enough for a source that stalls; of the others none is to be late on a busy machine.
        read_timeout=0.3 if any(url.endswith("stalls") for url in urls) else 10,
    )


def test_a_file_arrives_whole_and_leaves_no_part(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "file.gz"
    get(target, server.url("whole"))
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["file.gz"]


def test_progress_ends_at_the_size_of_the_file(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    get(tmp_path / "file", server.url("whole"), progress=lambda done, total: told.append((done, total)))
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("fault", ["busy", "truncated", "stalls", "portal", "disguised_portal", "altered", "endless"])
def test_a_source_that_fails_gives_way_to_the_next(server: Server, tmp_path: Path, fault: str) -> None:
    target = tmp_path / "file"
    get(target, server.url(fault), server.url("whole"))
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("busy", "503"),
        ("truncated", "broke off after 100,000 of 307,200 bytes"),
        ("stalls", "no answer in time"),
        ("portal", "sign in"),
        ("disguised_portal", "sign in"),
        ("altered", "md5"),
        ("endless", "more came than the 307,200 bytes expected"),
        ("leads_away", "without encryption"),
    ],
)
def test_the_message_says_what_each_source_did(server: Server, tmp_path: Path, fault: str, reason: str) -> None:
    target = tmp_path / "file"
    with pytest.raises(DownloadError, match=reason) as caught:
        get(target, server.url(fault))
    assert "could not download file" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not target.exists()


def test_a_broken_download_goes_on_where_it_ended(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file"
    with pytest.raises(DownloadError):
        get(target, server.url("truncated"))
    get(target, server.url("ranges"))
    assert target.read_bytes() == CONTENT
    assert server.requests[-1] == ("/ranges", "bytes=100000-")


@pytest.mark.parametrize("kind", ["whole", "wrong_range", "no_such_range"])
def test_a_server_that_cannot_resume_begins_again(server: Server, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "file"
    (tmp_path / "file.part").write_bytes(CONTENT[:100_000])
    get(target, server.url(kind))
    assert target.read_bytes() == CONTENT


def test_a_kept_part_of_another_file_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file"
    (tmp_path / "file.part").write_bytes(b"something else")
    get(target, server.url("ranges"))
    assert target.read_bytes() == CONTENT
    assert [asked for _, asked in server.requests] == ["bytes=14-", None]


def test_nothing_is_resumed_without_a_digest(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(b"something else")
    fetch([server.url("ranges")], tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_complete_part_needs_no_server(tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT)
    get(tmp_path / "file", "https://nowhere.invalid/file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_cancelling_keeps_what_came(server: Server, tmp_path: Path) -> None:
    came: list[int] = []
    with pytest.raises(Cancelled):
        get(
            tmp_path / "file",
            server.url("whole"),
            progress=lambda done, _total: came.append(done),
            cancelled=lambda: bool(came),
        )
    assert (tmp_path / "file.part").stat().st_size == came[0] < len(CONTENT)
    assert not (tmp_path / "file").exists()


def test_a_redirect_within_this_machine_is_followed(server: Server, tmp_path: Path) -> None:
    get(tmp_path / "file", server.url("leads_on"))
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("url", ["http://example.org/file", "ftp://example.org/file", "file:///etc/passwd", "nonsense"])
def test_sources_are_encrypted(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        fetch([url], tmp_path / "file")


def test_a_closed_port_is_named_as_the_reason(server: Server, tmp_path: Path) -> None:
    url = server.url("whole")
    server.close()
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1: connection refused"):
        get(tmp_path / "file", url)


def test_a_folder_that_cannot_be_made_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(StorageError, match="taken"):
        get(tmp_path / "taken" / "file", server.url("whole"))
