"""What an experiment is made of: its two forms, its arms, and what the short form cannot show."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.claims.claim import Arm, Experiment, Form, Size
from explorer.claims.results import Table
from explorer.networks import catalogue
from explorer.ui import numbers
from explorer.ui.experiment_table import FiguresTable
from explorer.ui.explanations import explain_all
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_FULL_IS = "on a graphics card"
REFERENCE = "reference"
# Up to here a person counts seconds.
_SECONDS = 150


def arms_table(form: Form) -> Table:
    """Each arm, and in what it differs from the first of its group; nothing else differs."""
    rows = tuple((arm.name, differs_text(form, arm)) for arm in form.arms)
    return Table("What is compared", ("Arm", "Differs in"), rows)


def differs_text(form: Form, arm: Arm) -> str:
    """In what an arm differs from the first of its group, with the values: "shortcut: none"."""
    first = next(each for each in form.arms if each.group == arm.group)
    if arm is not first:
        return ", ".join(_value_text(arm, name) for name in arm.differs)
    names = dict.fromkeys(name for each in form.arms if each.group == arm.group for name in each.differs)
    return f"{REFERENCE}: {', '.join(_value_text(arm, name) for name in names)}" if names else REFERENCE


def _value_text(arm: Arm, name: str) -> str:
    """A setting of an arm in words: "shortcut: none"."""
    if name == "architecture":
        return next((one.title for one in catalogue.CATALOGUE if one.name == arm.architecture), arm.architecture)
    plain, words = name.removeprefix("options."), name.removeprefix("options.").replace("_", " ").replace(".", " ")
    if plain != name:
        options = catalogue.get(arm.architecture).options_type(**arm.options)
        return f"{words}: {numbers.choice(getattr(options, plain))}" if hasattr(options, plain) else words
    value: object = arm.config
    for part in plain.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return words if value is None else f"{words}: {_value(value)}"


def cost_text(form: Form, size: Size, seeds: int) -> str:
    """What a form costs: "12 runs, about 1 min 50 s on two quiet cores"."""
    if not form.arms:
        return "Nothing is trained; computed in seconds."
    runs = numbers.plural(len(form.arms) * seeds, "run")
    where = "on two quiet cores" if size == "short" else _FULL_IS
    return f"{runs}, about {time_text(seconds_of(form, seeds))} {where}."


def time_text(seconds: float) -> str:
    """A time as one speaks of a demonstration: "90 s", "110 s", "11 h 7 min"."""
    return f"{seconds:.0f} s" if seconds <= _SECONDS else numbers.duration(seconds)


def seconds_of(form: Form, seeds: int) -> float:
    """About how long a form takes with so many seeds."""
    return form.seconds * seeds / form.seeds


class SetupView(QWidget):
    """The setting of both forms, the arms, and the limits of the short form."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Setting of the experiment")
        self._texts: dict[str, tuple[ValueLabel, ValueLabel]] = {}
        self._column = QVBoxLayout(self)
        self._arms: FiguresTable | None = None
        for name in ("Short form", "Full form", "What the short form cannot show"):
            heading, text = ValueLabel(name), ValueLabel()
            heading.setProperty("role", "heading")
            self._texts[name] = (heading, text)
            self._column.addWidget(heading)
            self._column.addWidget(text)
            explain_all("experiment", {"form": text})
        theme().changed.connect(self._measure)
        self._measure()

    def text(self, name: str) -> str:
        """What stands below a heading."""
        return self._texts[name][1].value

    def show_experiment(self, experiment: Experiment) -> None:
        short, full = experiment.short, experiment.full
        self._say("Short form", _setting(short, "short"))
        self._say("Full form", "" if full == short else _setting(full, "full"))
        self._say("What the short form cannot show", short.cannot)
        if self._arms is not None:
            self._column.removeWidget(self._arms)
            self._arms.hide()
            self._arms.deleteLater()
            self._arms = None
        if short.arms:
            self._arms = FiguresTable(arms_table(short))
            explain_all("experiment", {"arms": self._arms.view})
            self._column.addWidget(self._arms)

    def _say(self, name: str, words: str) -> None:
        for widget in self._texts[name]:
            widget.setVisible(bool(words))
        self._texts[name][1].show_value(words)

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, px(4), 0, 0)
        self._column.setSpacing(px(2))
        for heading, _ in self._texts.values():
            heading.setContentsMargins(0, px(6), 0, 0)


def _setting(form: Form, size: Size) -> str:
    setting = form.setting[:1].upper() + form.setting[1:]
    cost = cost_text(form, size, form.seeds) if form.arms else ""
    return ". ".join(part for part in (setting.rstrip("."), cost) if part)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return f"{value:g}" if isinstance(value, float) else numbers.choice(value)
