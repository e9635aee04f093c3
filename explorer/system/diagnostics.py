"""What someone who helps from afar needs to know: versions, device, folders, last messages."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata

import explorer
from explorer.system import log, paths

_PACKAGES = ("torch", "torchvision", "PySide6-Essentials", "pyqtgraph", "numpy", "safetensors", "Pillow")


def report(device: str = "") -> str:
    """A plain text to paste into a question; `device` as the status bar shows it."""
    lines = [
        f"CNN Explorer {explorer.__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        *(f"{package} {_version(package)}" for package in _PACKAGES),
        f"device: {device or 'not known yet'}, {os.cpu_count()} cores",
        f"home: {paths.home()}",
        f"data: {paths.given_data_folder() or paths.download_folder()}",
        f"started as: {' '.join(sys.argv[:1])}",
        "last messages:",
        *(log.recent() or ["(none)"]),
    ]
    return "\n".join(lines)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
