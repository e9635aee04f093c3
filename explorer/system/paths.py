"""Where things are on this machine: the program's own folders and the resources it ships with."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import platformdirs

import explorer

HOME_VARIABLE = "CNN_EXPLORER_HOME"
DATA_VARIABLE = "CNN_EXPLORER_DATA"
_APPLICATION = "cnn-explorer"


def home() -> Path:
    """The folder of runs, settings and own weights: `CNN_EXPLORER_HOME`, else the system's place for user data."""
    given = os.environ.get(HOME_VARIABLE)
    if given:
        return Path(given).expanduser().absolute()
    return Path(platformdirs.user_data_dir(_APPLICATION, appauthor=False))


def settings_file() -> Path:
    return home() / "settings.json"


def log_file() -> Path:
    return home() / "log.txt"


def default_runs_folder() -> Path:
    return home() / "runs"


def download_folder() -> Path:
    """Where downloaded data sets are kept: below `CNN_EXPLORER_HOME`, else the system's cache."""
    if os.environ.get(HOME_VARIABLE):
        return home() / "data"
    return Path(platformdirs.user_cache_dir(_APPLICATION, appauthor=False)) / "data"


def weights_folder() -> Path:
    """Where downloaded weights are kept: beside the downloaded data sets."""
    return download_folder().parent / "weights"


def personal_folder() -> Path:
    """Where the user's own drawings are kept."""
    return home() / "personal"


def given_data_folder() -> Path | None:
    """The folder that `CNN_EXPLORER_DATA` names, where data sets are looked for first."""
    given = os.environ.get(DATA_VARIABLE)
    return Path(given).expanduser().absolute() if given else None


@functools.cache
def resources() -> Path:
    """The folder of shipped resources: `explorer/resources` in a wheel, `resources` beside the package in a checkout.

    Raises:
        FileNotFoundError: neither exists, so the installation is incomplete.
    """
    package = Path(explorer.__file__).resolve().parent
    for candidate in (package / "resources", package.parent / "resources"):
        if (candidate / "weights").is_dir():
            return candidate
    raise FileNotFoundError(
        f"the program's resources are missing: expected {package / 'resources'}; install cnn-explorer again"
    )


def resource(*parts: str) -> Path:
    """One shipped resource, for example `resource("weights", "lenet5-mnist.safetensors")`."""
    return resources().joinpath(*parts)
