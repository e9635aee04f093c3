"""The program's entry in the menu of a Linux desktop, for the user alone: a `.desktop` file and icons.

After the Desktop Entry Specification 1.5 and the Icon Theme Specification 0.13 (freedesktop.org).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from explorer.system import files, paths

NAME = "cnn-explorer"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
_TYPES = (
    "image/png;image/jpeg;image/bmp;image/gif;image/tiff;image/webp;image/x-portable-graymap;image/x-portable-pixmap;"
)
# What has a meaning to whoever reads the line, as the specification lists it.
_RESERVED = re.compile(r'[\s"\'\\><~|&;$*?#()`]')


def is_supported() -> bool:
    """Whether desktops of this system read such entries."""
    return sys.platform.startswith(("linux", "freebsd"))


def entry_file() -> Path:
    return _data_home() / "applications" / f"{NAME}.desktop"


def is_installed() -> bool:
    return entry_file().is_file()


def install() -> tuple[Path, ...]:
    """Writes the entry and the icons; returns what was written. What was there before is replaced.

    Raises:
        OSError: this system reads no such entries.
        StorageError: a folder cannot be written.
    """
    _check()
    written = []
    sources = {_icon_file(size): icon_resource(size) for size in ICON_SIZES}
    sources[_icon_file(0)] = paths.resource("icons", f"{NAME}.svg")
    for target, source in sources.items():
        if source.is_file():
            written.append(_write(target, source.read_bytes()))
    written.append(_write(entry_file(), entry_text().encode()))
    return tuple(written)


def remove() -> tuple[Path, ...]:
    """Deletes the entry and the icons; returns what was deleted.

    Raises:
        OSError: this system reads no such entries, or a file cannot be deleted.
    """
    _check()
    found = [path for path in (entry_file(), _icon_file(0), *map(_icon_file, ICON_SIZES)) if path.is_file()]
    for path in found:
        path.unlink()
    return tuple(found)


def entry_text() -> str:
    """The entry; the command is the one that runs now."""
    return "\n".join(
        (
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.5",
            "Name=CNN Explorer",
            "GenericName=Convolutional networks",
            "Comment=See a convolutional network, train it live, and try it",
            f"Exec={_command()} %F",
            f"Icon={NAME}",
            "Terminal=false",
            "Categories=Education;Science;ArtificialIntelligence;",
            "Keywords=neural network;convolution;deep learning;digits;",
            f"MimeType={_TYPES}",
            f"StartupWMClass={NAME}",
            "",
        )
    )


def icon_resource(size: int) -> Path:
    """The shipped icon of a size in pixels."""
    return paths.resource("icons", "sizes", f"{NAME}-{size}.png")


def _command() -> str:
    script = shutil.which(NAME)
    if script is None and (beside := Path(sys.executable).with_name(NAME)).is_file():
        script = str(beside)
    return _quoted(script) if script else f"{_quoted(sys.executable)} -m explorer"


def _quoted(text: str) -> str:
    """An argument as the key `Exec` has it: quoted where it must be, a percent sign doubled."""
    text = text.replace("%", "%%")
    if not _RESERVED.search(text):
        return text
    escaped = re.sub(r'(["`$\\])', r"\\\1", text)
    # The value is a string of the file, whose backslashes are read once more.
    return '"' + escaped.replace("\\", "\\\\") + '"'


def _data_home() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "share"


def _icon_file(size: int) -> Path:
    """Where the icon of a size goes; 0 is the one that scales."""
    theme = _data_home() / "icons" / "hicolor"
    if not size:
        return theme / "scalable" / "apps" / f"{NAME}.svg"
    return theme / f"{size}x{size}" / "apps" / f"{NAME}.png"


def _check() -> None:
    if not is_supported():
        raise OSError("entries in the desktop's menu are for Linux; here, pin the program where the system keeps them")


def _write(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.storage_error(path, len(content), error) from error
    files.write_atomically(path, content)
    return path
