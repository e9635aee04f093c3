"""The style sheet of every standard widget, from one theme's colours and one scale."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.ui.theme import Colours

# $name is a colour of the theme, @12 a measure of the 4-pixel grid, %name% an icon of the theme's folder, and
# $small the secondary font size. Lines stay one pixel: Qt widens the grip of a separator of exactly one.
_WINDOW = """
QMainWindow, QDialog, QMessageBox { background: $panel; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QDockWidget { color: $secondary; font-size: $small; font-weight: 600;
    titlebar-close-icon: url("%close%"); titlebar-normal-icon: url("%float%"); }
QDockWidget::title { background: $panel; text-align: left; padding: @8 @8 @8 @9; }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: @4; padding: 0;
    background: transparent; subcontrol-origin: padding; subcontrol-position: center right; width: @16; height: @16; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $grid; }
QDockWidget::close-button { right: @8; }
QDockWidget::float-button { right: @28; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget[role="content"] { background: transparent; }
QToolBar { background: $panel; border: none; border-bottom: 1px solid $line; spacing: @8; padding: @4 @12; }
QToolBar::separator { background: $line; width: 1px; margin: @4 @4; }
QStatusBar { background: $panel; border-top: 1px solid $line; color: $secondary; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $secondary; padding: @4 @8; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: @4; }
QGroupBox { border: 1px solid $line; border-radius: @8; margin-top: @16; padding: @8; }
QGroupBox::title { subcontrol-origin: margin; left: @8; color: $secondary; }
"""

_TABS = """
QTabBar { background: $window; border: none; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $secondary; border: 1px solid transparent; border-bottom: none;
    border-top-left-radius: @6; border-top-right-radius: @6; padding: @5 @12; margin: @4 0 0 @4; min-height: @18; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { background: $panel; color: $text; }
QTabBar::tab:focus { border-color: $accent; }
QTabBar::close-button { image: url("%close%"); border-radius: @4; }
QTabBar::close-button:hover { background: $grid; }
QTabBar QToolButton { background: $window; border: none; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
"""

_BUTTONS = """
QPushButton { background: $panel; color: $text; border: 1px solid $line; border-radius: @6; padding: @4 @12;
    min-height: @18; }
QPushButton:hover { background: $raised; border-color: $edge; }
QPushButton:pressed, QPushButton:checked { background: $selected; border-color: $accent; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $secondary; background: $raised; border-color: $grid; }
QPushButton::menu-indicator { image: url("%chevron-down%"); width: @12; height: @12; right: @4; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[primary="true"]:hover { border-color: $text; }
QPushButton[primary="true"]:pressed { border-color: $text; }
QPushButton[primary="true"]:focus { border-color: $text; }
QPushButton[primary="true"]:disabled { background: $raised; color: $secondary; border-color: $line; }
QPushButton[quiet="true"] { background: transparent; border-color: transparent; color: $accent; padding: @4 @8; }
QPushButton[quiet="true"]:hover { background: $raised; border-color: $line; }
QPushButton[quiet="true"]:focus { border-color: $accent; }
QPushButton[quiet="true"]:disabled { color: $secondary; }
QFrame[segments="true"] { background: $raised; border: 1px solid $line; border-radius: @6; }
QPushButton[segment="true"], QToolButton[segment="true"] { background: transparent; color: $text;
    border: 1px solid transparent; border-radius: @5; padding: @3 @14; min-height: @18; font-weight: 400; }
QPushButton[segment="true"]:hover, QToolButton[segment="true"]:hover { background: $grid; }
QPushButton[segment="true"]:checked, QToolButton[segment="true"]:checked { background: $accent; color: $on_accent; }
QPushButton[segment="true"]:focus, QToolButton[segment="true"]:focus { border-color: $text; }
QPushButton[segment="true"]:disabled, QToolButton[segment="true"]:disabled { color: $secondary; }
QToolButton { background: transparent; color: $text; border: 1px solid transparent; border-radius: @6;
    padding: @4; }
QToolButton:hover { background: $grid; }
QToolButton:pressed, QToolButton:checked { background: $selected; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $secondary; }
QToolButton[small="true"] { padding: @2; border-radius: @4; }
QToolButton::menu-indicator { image: none; }
QToolButton[popupMode="1"] { padding-right: @20; }
QToolButton::menu-button { border: none; width: @16; }
QToolButton::menu-arrow { image: url("%chevron-down%"); width: @12; height: @12; }
QToolButton#qt_toolbar_ext_button { qproperty-icon: url("%more%"); }
QCheckBox, QRadioButton { spacing: @8; }
QCheckBox:disabled, QRadioButton:disabled { color: $secondary; }
QCheckBox::indicator, QRadioButton::indicator { width: @14; height: @14; border: 1px solid $edge; background: $panel; }
QCheckBox::indicator { border-radius: @4; }
QRadioButton::indicator { border-radius: @7; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $text; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("%check%"); }
QCheckBox::indicator:indeterminate { background: $accent; border-color: $accent; image: url("%dash%"); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent; image: url("%dot%"); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $line; background: $raised; }
QCheckBox::indicator:checked:disabled { background: $edge; }
"""

_FIELDS = """
QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit { background: $raised; color: $text;
    border: 1px solid $line; border-radius: @6; selection-background-color: $accent;
    selection-color: $on_accent; }
QLineEdit { padding: @4 @8; min-height: @18; }
QPlainTextEdit, QTextEdit { padding: @4; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border-color: $accent; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { color: $secondary; border-color: $grid; }
QLineEdit[faulty="true"], QComboBox[faulty="true"], QAbstractSpinBox[faulty="true"] { border-color: $bad; }
QLineEdit QToolButton { padding: 0; border: none; background: transparent; }
QComboBox { padding: @4 @8; min-height: @18; combobox-popup: 0; }
QComboBox:hover, QAbstractSpinBox:hover { border-color: $edge; }
QComboBox:focus:hover, QAbstractSpinBox:focus:hover { border-color: $accent; }
QComboBox::drop-down { border: none; width: @22; subcontrol-position: right center; }
QComboBox::down-arrow { image: url("%chevron-down%"); width: @14; height: @14; }
QComboBox QAbstractItemView { background: $panel; color: $text; border: 1px solid $line; outline: none;
    padding: @4; selection-background-color: $selected; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: @24; padding: 0 @8; border-radius: @4; }
QComboBox QAbstractItemView::item:selected, QComboBox QAbstractItemView::item:hover {
    background: $selected; color: $text; }
QAbstractSpinBox { padding: @4 @2 @4 @6; min-height: @18; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { background: transparent; border: none; padding: 0; min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; }
QAbstractSpinBox::up-arrow { image: url("%chevron-up%"); width: @10; height: @10; }
QAbstractSpinBox::down-arrow { image: url("%chevron-down%"); width: @10; height: @10; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $grid; border-radius: @4; }
QSlider:horizontal { min-height: @20; }
QSlider:vertical { min-width: @20; }
QSlider::groove:horizontal { height: @4; background: $line; border-radius: @2; }
QSlider::sub-page:horizontal { background: $accent; border-radius: @2; }
QSlider::handle:horizontal { background: $panel; border: 1px solid $accent; width: @12; height: @12;
    margin: -@5 0; border-radius: @7; }
QSlider::groove:vertical { width: @4; background: $line; border-radius: @2; }
QSlider::add-page:vertical { background: $accent; border-radius: @2; }
QSlider::handle:vertical { background: $panel; border: 1px solid $accent; width: @12; height: @12;
    margin: 0 -@5; border-radius: @7; }
QSlider::handle:hover, QSlider::handle:focus { background: $selected; }
QSlider:focus { border: 1px solid $accent; border-radius: @4; }
QProgressBar { background: $grid; color: $text; border: none; border-radius: @3; min-height: @6; max-height: @6; }
QProgressBar[textVisible="true"] { min-height: @18; max-height: @24; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: @3; }
QProgressBar[textVisible="true"]::chunk { background: $selected; }
"""

_VIEWS = """
QAbstractItemView { background: $panel; alternate-background-color: $raised; color: $text; border: none;
    outline: none; gridline-color: $line; selection-background-color: $selected; selection-color: $text; }
QTreeView::item, QListView::item { height: @28; padding: 0 @4; border: none; }
QTableView::item { padding: 0 @3; border: none; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {
    background: $selected; color: $text; }
QTreeView::item:hover:!selected, QListView::item:hover:!selected { background: $raised; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $selected; }
QTreeView::branch:has-children:closed { image: url("%chevron-right%"); }
QTreeView::branch:has-children:open { image: url("%chevron-down%"); }
QHeaderView { background: $panel; border: none; border-bottom: 1px solid $line; }
QHeaderView::section { background: $panel; color: $secondary; border: none; border-bottom: 1px solid $line;
    padding: 0 @6; min-height: @27; }
QHeaderView::section:hover { color: $text; }
QHeaderView::section:focus { color: $accent; }
QHeaderView::up-arrow { image: url("%chevron-up%"); width: @10; height: @10; subcontrol-position: top center; }
QHeaderView::down-arrow { image: url("%chevron-down%"); width: @10; height: @10; subcontrol-position: top center; }
QTableCornerButton::section { background: $panel; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: @10; }
QScrollBar:horizontal { height: @10; }
QScrollBar::handle { background: $line; border-radius: @3; margin: @2; }
QScrollBar::handle:vertical { min-height: @24; }
QScrollBar::handle:horizontal { min-width: @24; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
"""

_MENUS = """
QMenuBar { background: $panel; color: $text; border-bottom: 1px solid $line; }
QMenuBar::item { background: transparent; padding: @4 @8; border-radius: @4; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $selected; }
QMenu { background: $panel; color: $text; border: 1px solid $line; padding: @4; }
QMenu::item { padding: @5 @24 @5 @28; border-radius: @4; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $secondary; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: @4 @8; }
QMenu::indicator { width: @14; height: @14; left: @8; }
QMenu::indicator:non-exclusive:checked { image: url("%check-text%"); }
QMenu::indicator:exclusive:checked { image: url("%dot-text%"); }
QMenu::icon { left: @8; }
QMenu::right-arrow { image: url("%chevron-right%"); width: @12; height: @12; right: @6; }
"""

_LABELS = """
QLabel[role="title"] { color: $text; font-weight: 600; }
QLabel[role="heading"] { color: $secondary; font-size: $small; font-weight: 600; }
QLabel[role="secondary"] { color: $secondary; font-size: $small; }
QLabel[role="bad"] { color: $bad; font-size: $small; }
QLabel[role="good"] { color: $good; font-size: $small; }
QLabel:disabled { color: $secondary; }
QFrame[role="rule"] { background: $line; border: none; min-height: 1px; max-height: 1px; }
"""


_MEASURE = re.compile(r"@(\d+)")
_ICON = re.compile(r"%([a-z-]+)%")


class _Template(string.Template):
    """`$name` for colours; braces stay what they are in a style sheet."""

    braceidpattern = "(?!)"


def style_sheet(colours: Colours, px: Callable[[float], int], small: float, icons: Path) -> str:
    """The style sheet of the program.

    `px` scales a measure in pixels, `small` is the secondary font size in points, `icons` the theme's folder of icons.
    """
    names = {name: getattr(colours, name) for name in colours.__dataclass_fields__}
    sheet = _WINDOW + _TABS + _BUTTONS + _FIELDS + _VIEWS + _MENUS + _LABELS
    sheet = _MEASURE.sub(lambda match: f"{px(int(match[1]))}px", sheet)
    sheet = _Template(sheet).substitute(names, small=f"{small:.2f}pt")
    return _ICON.sub(lambda match: _quoted(icons / f"{match[1]}.svg"), sheet)


def _quoted(path: Path) -> str:
    # Inside quotes a style sheet reads a backslash as an escape and a quote as the end.
    return path.as_posix().replace("\\", "\\\\").replace('"', '\\"')
