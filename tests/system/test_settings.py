"""Settings survive a restart, and a broken file does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.system import paths, settings
from explorer.system.settings import Settings


def test_saved_settings_come_back() -> None:
    chosen = Settings(theme="dark", threads=2, scale=1.25, data_folder="/some where")
    settings.save(chosen)
    assert settings.load() == chosen


def test_without_a_file_the_defaults_hold() -> None:
    assert settings.load() == Settings()


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", '"text"', '{"theme": 7, "threads": "many"}', '{"scale": 99}'])
def test_a_broken_file_falls_back_to_the_defaults(content: str) -> None:
    paths.settings_file().write_text(content)
    assert settings.load() == Settings()


def test_one_broken_value_does_not_cost_the_others() -> None:
    paths.settings_file().write_text('{"theme": "purple", "threads": 3}')
    assert settings.load() == Settings(threads=3)


def test_the_given_data_folder_is_looked_in_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CNN_EXPLORER_DATA", str(tmp_path))
    folders = Settings(data_folder=str(tmp_path / "chosen")).data_folders()
    assert folders[0] == tmp_path
    assert folders[1] == tmp_path / "chosen"
    assert folders[2] == paths.download_folder()


@pytest.mark.parametrize("wrong", [{"theme": "blue"}, {"device": "tpu"}, {"threads": -1}, {"scale": 0.1}])
def test_values_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)


@pytest.mark.parametrize(
    "content",
    [
        '{"threads": 1e400}',
        '{"threads": 2.5}',
        '{"threads": true}',
        '{"runs_folder": null}',
        '{"scale": 1' + "0" * 400 + "}",
    ],
)
def test_a_value_of_another_type_falls_back_to_the_default(content: str) -> None:
    paths.settings_file().write_text(content)
    assert settings.load() == Settings()


def test_a_whole_number_is_a_scale() -> None:
    paths.settings_file().write_text('{"scale": 2}')
    assert settings.load() == Settings(scale=2.0)
