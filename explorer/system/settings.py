"""What the user has chosen about the program: folders, theme, threads, device."""

from __future__ import annotations

import dataclasses
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from explorer.system import files, mirror, paths

Theme = Literal["system", "light", "dark"]
Device = Literal["auto", "cpu", "cuda", "mps"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The user's choices.

    An empty folder means the default place; 0 threads means "chosen by measurement"; `scale` multiplies the system's
    font size, 0.6 to 3. `weights_mirror` is the address of a server that has copies of published weights, "" for none.

    Raises:
        ValueError: a value is outside its range.
    """

    data_folder: str = ""
    runs_folder: str = ""
    theme: Theme = "system"
    device: Device = "auto"
    threads: int = 0
    scale: float = 1.0
    weights_mirror: str = ""

    def __post_init__(self) -> None:
        if self.theme not in get_args(Theme):
            raise ValueError(f"theme is one of {', '.join(get_args(Theme))}, not {self.theme!r}")
        if self.device not in get_args(Device):
            raise ValueError(f"device is one of {', '.join(get_args(Device))}, not {self.device!r}")
        if not 0 <= self.threads <= 256:
            raise ValueError(f"threads are 0 (automatic) to 256, not {self.threads}")
        if not 0.6 <= self.scale <= 3:
            raise ValueError(f"scale is 0.6 to 3, not {self.scale}")
        if self.weights_mirror and (wrong := mirror.problem(self.weights_mirror)):
            raise ValueError(wrong)

    def runs(self) -> Path:
        return Path(self.runs_folder).expanduser() if self.runs_folder else paths.default_runs_folder()

    def data_folders(self) -> tuple[Path, ...]:
        """Where data sets are looked for, in this order; the last is where downloads go."""
        chosen = Path(self.data_folder).expanduser() if self.data_folder else None
        return tuple(folder for folder in (paths.given_data_folder(), chosen, paths.download_folder()) if folder)


def load() -> Settings:
    """The saved settings; values that are missing or do not fit are replaced by defaults, and the log says so."""
    path = paths.settings_file()
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        _log.warning("settings in %s cannot be read (%s); using defaults", path, error)
        return Settings()
    settings = Settings()
    if not isinstance(stored, dict):
        _log.warning("settings in %s are not a JSON object; using defaults", path)
        return settings
    for field in dataclasses.fields(Settings):
        if field.name in stored:
            default = getattr(settings, field.name)
            try:
                value = _of_type(stored[field.name], type(default))
                settings = dataclasses.replace(settings, **{field.name: value})
            except (ValueError, OverflowError) as error:
                _log.warning("setting %s in %s: %s; using %r", field.name, path, error, default)
    return settings


def _of_type(value: Any, kind: type) -> Any:
    """The value, a whole number turned into a float where one is meant."""
    if kind is float and type(value) is int:
        return float(value)
    # A bool is an int to isinstance.
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not a {kind.__name__}")
    return value


def save(settings: Settings) -> None:
    """Writes the settings atomically.

    Raises:
        StorageError: the folder cannot be written.
    """
    path = paths.settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.storage_error(path, 0, error) from error
    files.write_atomically(path, json.dumps(dataclasses.asdict(settings), indent=2).encode())
