"""Files fetched from the network: several sources, time-outs, resumed where they broke off, checked, then renamed."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import ipaddress
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from explorer.system.files import StorageError, storage_error, sync_folder

Progress = Callable[[int, "int | None"], None]
"""Told the bytes that are there and the bytes in all, None where the server does not say."""

_CHUNK = 1 << 16
_AGENT = "cnn-explorer"


class DownloadError(RuntimeError):
    """No source gave the file; the message says for each source why."""


class Cancelled(Exception):  # noqa: N818 - the user's wish, no error
    """The user cancelled; what was fetched so far is kept and resumed next time."""


def fetch(
    urls: Sequence[str],
    target: Path,
    *,
    md5: str | None = None,
    sha256: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    connect_timeout: float = 10,
    read_timeout: float = 30,
    plain_hosts: frozenset[str] = frozenset(),
) -> None:
    """Downloads a file to `target` from the first of `urls` that gives it whole.

    Bytes go to `target` with `.part` appended; a download that broke off is resumed from there where the server can,
    from any of the sources, as long as a digest is known by which the whole is checked. The finished file is fsynced
    and renamed. `sha256` may be the beginning of the digest, where no more of it is published. Plain http is admitted
    for loopback addresses and for `plain_hosts`, which the user chose, also after redirects. Time-outs are in seconds.

    Raises:
        DownloadError: no source gave the file.
        StorageError: it could not be written.
        Cancelled: `cancelled()` was true between two chunks.
        ValueError: no source is given, or one is neither https nor loopback.
    """
    if not urls:
        raise ValueError("a download needs at least one source")
    for url in urls:
        if not _is_admitted(url, plain_hosts):
            raise ValueError(f"sources are https addresses, not {url}")
    wanted = _Wanted(target, target.with_name(f"{target.name}.part"), md5, sha256, size)
    opener = _opener(connect_timeout, read_timeout, plain_hosts)
    told = progress or _ignored
    is_cancelled = cancelled or _never
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(target, size or 0, error) from error
    if size is not None and wanted.kept() == size and not _faults(wanted):
        _finish(wanted)
        return
    reasons = []
    for url in urls:
        try:
            _fetch_from(url, wanted, opener, told, is_cancelled)
        except _SourceError as error:
            reasons.append(f"{urlsplit(url).hostname}: {error}")
        else:
            return
    raise DownloadError(f"could not download {target.name} ({'; '.join(reasons)})")


class _SourceError(Exception):
    """One source failed; the next is tried."""


class _CannotResumeError(Exception):
    """The server does not go on where the kept part ends."""


@dataclass(frozen=True)
class _Wanted:
    target: Path
    part: Path
    md5: str | None
    sha256: str | None
    size: int | None

    def kept(self) -> int:
        """Bytes of an earlier try that can be resumed: only where a digest will tell whether the whole is right."""
        if self.md5 is None and self.sha256 is None:
            return 0
        try:
            there = self.part.stat().st_size
        except OSError:
            return 0
        return there if self.size is None or there <= self.size else 0


def _fetch_from(
    url: str,
    wanted: _Wanted,
    opener: urllib.request.OpenerDirector,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> None:
    # First from where an earlier try broke off; from the beginning if that leads nowhere.
    for resumes_from in dict.fromkeys((wanted.kept(), 0)):
        if cancelled():
            raise Cancelled
        try:
            with _answers(url, resumes_from, opener) as answer:
                start = _start(answer, resumes_from, wanted.size)
                _check_answer(answer, start, wanted.size)
                _save(answer, start, wanted, progress, cancelled)
        except _CannotResumeError:
            continue
        fault = _faults(wanted)
        if not fault:
            _finish(wanted)
            return
        with _storing(wanted):
            wanted.part.unlink(missing_ok=True)
        if not start:
            raise _SourceError(fault)
    raise _SourceError("the server does not send the file from its beginning")


@contextlib.contextmanager
def _answers(url: str, start: int, opener: urllib.request.OpenerDirector) -> Iterator[http.client.HTTPResponse]:
    """The server's answer; whatever goes wrong while talking to it becomes a reason in words."""
    # Identity: bytes are counted and resumed as they are stored.
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - schemes are checked in `fetch` and on redirects
    try:
        with opener.open(request) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and start:
                raise _CannotResumeError from None
            raise _SourceError(f"the server answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise _SourceError(_in_words(error.reason)) from error
    except StorageError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise _SourceError(_in_words(error)) from error


def _in_words(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, http.client.HTTPException):
        return "the connection broke off"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror[:1].lower() + reason.strerror[1:]
    return str(reason) or "no connection"


def _start(answer: http.client.HTTPResponse, asked: int, size: int | None) -> int:
    """The byte that the answer begins with: the one that was asked for, or 0."""
    if answer.status != http.client.PARTIAL_CONTENT:
        return 0
    unit, _, place = (answer.headers.get("Content-Range") or "").partition(" ")
    span, _, total = place.partition("/")
    if unit != "bytes" or span.partition("-")[0] != str(asked) or (size is not None and total not in {"*", str(size)}):
        raise _CannotResumeError
    return asked


def _check_answer(answer: http.client.HTTPResponse, start: int, size: int | None) -> None:
    if answer.headers.get_content_type() in {"text/html", "application/xhtml+xml"}:
        raise _SourceError(_PORTAL)
    length = _length(answer)
    if size is not None and length is not None and start + length != size:
        raise _SourceError(f"the server offers {start + length:,} bytes where {size:,} are expected")


_PORTAL = "a web page came instead of the file; the network may ask you to sign in first"


def _length(answer: http.client.HTTPResponse) -> int | None:
    text = answer.headers.get("Content-Length") or ""
    return int(text) if text.isdigit() else None


def _save(
    answer: http.client.HTTPResponse,
    start: int,
    wanted: _Wanted,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> None:
    length = _length(answer)
    total = wanted.size if wanted.size is not None else (start + length if length is not None else None)
    done = start
    stream = _opened(wanted, "r+b" if start else "wb")
    with stream:
        stream.seek(start)
        while chunk := answer.read1(_CHUNK):
            if done == 0 and chunk.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
                raise _SourceError(_PORTAL)
            if wanted.size is not None and done + len(chunk) > wanted.size:
                raise _SourceError(f"more came than the {wanted.size:,} bytes expected")
            with _storing(wanted):
                stream.write(chunk)
            done += len(chunk)
            progress(done, total)
            if cancelled():
                raise Cancelled
        with _storing(wanted):
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())
    if total is not None and done < total:
        raise _SourceError(f"the connection broke off after {done:,} of {total:,} bytes")


def _opened(wanted: _Wanted, mode: str) -> IO[bytes]:
    with _storing(wanted):
        return wanted.part.open(mode, buffering=0)


@contextlib.contextmanager
def _storing(wanted: _Wanted) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_error(wanted.part, wanted.size or 0, error) from error


def _faults(wanted: _Wanted) -> str:
    """What is wrong with the bytes that are there, "" for nothing."""
    with _storing(wanted):
        there = wanted.part.stat().st_size
        if wanted.size is not None and there != wanted.size:
            return f"{there:,} bytes came where {wanted.size:,} are expected"
        for name, expected in (("md5", wanted.md5), ("sha256", wanted.sha256)):
            if expected is not None:
                with wanted.part.open("rb") as stream:
                    digest = hashlib.new(name, usedforsecurity=False)
                    while block := stream.read(1 << 20):
                        digest.update(block)
                if not digest.hexdigest().startswith(expected.lower()):
                    return f"the file's {name} is not the published one"
    return ""


def _finish(wanted: _Wanted) -> None:
    with _storing(wanted):
        wanted.part.replace(wanted.target)
        sync_folder(wanted.target.parent)


def _is_admitted(url: str, plain_hosts: frozenset[str]) -> bool:
    parts = urlsplit(url)
    is_plain = parts.scheme == "http" and (_is_loopback(url) or parts.hostname in plain_hosts)
    return bool(parts.hostname) and (parts.scheme == "https" or is_plain)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _opener(connect_timeout: float, read_timeout: float, plain_hosts: frozenset[str]) -> urllib.request.OpenerDirector:
    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            self.timeout = connect_timeout
            super().connect()
            self.sock.settimeout(read_timeout)

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            self.timeout = connect_timeout
            super().connect()
            self.sock.settimeout(read_timeout)

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, request)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, request)

    return urllib.request.build_opener(PlainHandler, SecureHandler, _Redirects(plain_hosts), _Proxies)


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, plain_hosts: frozenset[str]) -> None:
        self._plain_hosts = plain_hosts

    def redirect_request(
        self,
        request: urllib.request.Request,
        answer: IO[bytes],
        code: int,
        reason: str,
        headers: http.client.HTTPMessage,
        url: str,
    ) -> urllib.request.Request | None:
        if not _is_admitted(url, self._plain_hosts):
            raise urllib.error.URLError(f"it leads to {urlsplit(url).hostname or 'nowhere'} without encryption")
        return super().redirect_request(request, answer, code, reason, headers, url)


class _Proxies(urllib.request.ProxyHandler):
    """The system's proxies, for all but this machine itself."""

    def proxy_open(self, request: urllib.request.Request, proxy: str, type: str) -> Any:  # noqa: A002 - the base's name
        return None if _is_loopback(request.full_url) else super().proxy_open(request, proxy, type)


def _ignored(_done: int, _total: int | None) -> None:
    pass


def _never() -> bool:
    return False
