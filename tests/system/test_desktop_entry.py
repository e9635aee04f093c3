"""The entry in a Linux desktop's menu."""

import configparser
import shlex
import sys
from pathlib import Path

import pytest

from explorer.system import desktop_entry

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="entries are for Linux")


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_the_entry_is_one_that_desktops_read(data_home: Path) -> None:
    written = desktop_entry.install()
    entry = configparser.RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(data_home / "applications" / "cnn-explorer.desktop", encoding="utf-8")
    section = entry["Desktop Entry"]
    assert section["Type"] == "Application"
    assert section["Icon"] == "cnn-explorer"
    assert shlex.split(section["Exec"])[-1] == "%F"
    assert (data_home / "icons/hicolor/48x48/apps/cnn-explorer.png").read_bytes().startswith(b"\x89PNG")
    assert (data_home / "icons/hicolor/scalable/apps/cnn-explorer.svg").is_file()
    assert all(path.is_file() for path in written)
    assert desktop_entry.is_installed()


def test_removing_takes_everything_away(data_home: Path) -> None:
    written = desktop_entry.install()
    assert set(desktop_entry.remove()) == set(written)
    assert not desktop_entry.is_installed()
    assert [path for path in data_home.rglob("*") if path.is_file()] == []
    assert desktop_entry.remove() == ()


def test_a_command_with_a_space_is_quoted_and_a_percent_sign_doubled() -> None:
    assert desktop_entry._quoted("/home/a b/100%/cnn") == '"/home/a b/100%%/cnn"'
    assert desktop_entry._quoted("/usr/bin/cnn-explorer") == "/usr/bin/cnn-explorer"
    # A dollar is escaped in the argument, and the backslash once more in the string.
    assert desktop_entry._quoted("/a$b") == '"/a\\\\$b"'


def test_other_systems_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(OSError, match="for Linux"):
        desktop_entry.install()


def test_every_icon_has_its_size() -> None:
    for size in desktop_entry.ICON_SIZES:
        header = desktop_entry.icon_resource(size).read_bytes()[16:24]
        assert (int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")) == (size, size)
