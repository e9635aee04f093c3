import re
from pathlib import Path

import pytest
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.system import paths
from explorer.ui.style_sheet import style_sheet
from explorer.ui.theme import DARK, KIND_COLOURS, LIGHT, ON_ACTIVATION, Colours, Theme, theme


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["window", "panel", "raised", "ground", "selected"])
@pytest.mark.parametrize("text", ["text", "secondary", "good", "bad"])
def test_text_is_readable_on_every_ground(colours: Colours, text: str, ground: str) -> None:
    assert _contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_and_in_the_accent_is_readable(colours: Colours) -> None:
    assert _contrast(colours.on_accent, colours.accent) >= 4.5
    assert _contrast(colours.accent, colours.panel) >= 4.5


def test_the_name_on_an_activation_is_readable() -> None:
    assert all(_contrast(ON_ACTIVATION, colour) >= 4.5 for kind, colour in KIND_COLOURS.items() if kind == "activation")


def test_both_themes_have_the_same_icons() -> None:
    names = [{file.name for file in paths.resource("icons", name).iterdir()} for name in ("light", "dark")]
    assert names[0] == names[1]


@pytest.mark.parametrize(("name", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_icons_use_colours_of_their_theme(name: str, colours: Colours) -> None:
    known = {getattr(colours, field) for field in colours.__dataclass_fields__}
    for file in paths.resource("icons", name).iterdir():
        assert set(re.findall(r"#[0-9a-f]{6}", file.read_text())) <= known, file.name


def test_every_icon_of_the_style_sheet_is_a_picture(qapp: QApplication) -> None:
    sheet = style_sheet(LIGHT, round, 8.0, paths.resource("icons", "light"))
    files = set(re.findall(r'url\("([^"]+)"\)', sheet))
    assert len(files) > 5
    for file in files:
        assert QImageReader(file).canRead(), file


def test_nothing_is_left_to_fill_in_the_style_sheet() -> None:
    sheet = style_sheet(DARK, round, 8.0, Path("/icons"))
    assert not re.search(r"[$@%]", sheet)


def test_measures_grow_with_the_scale() -> None:
    assert "padding: 6px 18px" in style_sheet(LIGHT, lambda pixels: round(1.5 * pixels), 8.0, Path("/icons"))


def test_icons_are_found_in_folders_of_any_name(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / 'icons "of" Zoë (1)'
    folder.mkdir()
    for file in paths.resource("icons", "light").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.setStyleSheet(style_sheet(LIGHT, round, 8.0, folder))
    widget.ensurePolished()  # a sheet that does not parse warns, which fails a test


def test_the_style_sheet_follows_theme_and_scale(qapp: QApplication) -> None:
    look = theme()
    look.use("dark", 1.5)
    dark = qapp.styleSheet()
    look.use("light", 1.0)
    assert DARK.panel in dark
    assert LIGHT.panel in qapp.styleSheet()


def test_what_is_put_together_without_the_sheet_has_it_in_the_end(qapp: QApplication) -> None:
    look = theme()
    look.use("dark", 1.0)
    with look.styled_at_the_end():
        assert qapp.styleSheet() == ""
    assert DARK.panel in qapp.styleSheet()
    look.use("light", 1.0)


def test_nothing_is_restyled_where_theme_and_scale_are_the_same(qapp: QApplication) -> None:
    look, changes = theme(), []
    look.use("light", 1.0)
    noting = look.changed.connect(lambda: changes.append(look.name))
    for name in ("light", "dark", "light"):
        look.use(name, 1.0)
    look.changed.disconnect(noting)
    assert changes == ["dark", "light"]


def test_icons_of_the_theme_are_drawn(qapp: QApplication) -> None:
    look: Theme = theme()
    look.use("light", 1.0)
    picture: QPixmap = look.icon("copy").pixmap(16, 16)
    assert any(picture.toImage().pixelColor(x, y).alpha() > 100 for x in range(16) for y in range(16))
