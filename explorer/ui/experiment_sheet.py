"""The findings of an experiment as one A4 page in landscape: question, curves, verdict, configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

import explorer
from explorer.claims.claim import config_of
from explorer.claims.results import Table
from explorer.system.files import write_atomically
from explorer.ui.experiment_findings import Findings
from explorer.ui.experiment_mark import State, colour_of, paint_mark
from explorer.ui.experiment_pictures import pictures
from explorer.ui.experiment_plot import Plot, paint
from explorer.ui.experiment_series import Source, read_series
from explorer.ui.experiment_setup import arms_table
from explorer.ui.experiment_verdict import circumstances, dataset_title, headline
from explorer.ui.figure import need_application, sheet_bytes
from explorer.ui.graph_look import Look
from explorer.ui.theme import LIGHT

# A4 in landscape in CSS pixels: 297 by 210 mm.
_WIDTH, _HEIGHT = 1122.5, 793.7
_MARGIN = 46.0
_GAP = 30.0
_PLOTS_SHARE = 0.57
_TEXT = 13.0
# Text is set smaller by these steps until all of it has room; the last is about 6 points.
_SCALES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64)
_MOST_PLOTS = 3
_TITLE = 1.75


def save_page(findings: Findings, path: Path) -> None:
    """Writes the page in the format that the suffix of `path` names: svg, pdf or png. It may run in any thread.

    Raises:
        ValueError: the suffix is another.
        OSError: the file could not be written, or the system has no fonts.
    """
    write_atomically(path, page_bytes(findings, path.suffix))


def page_bytes(findings: Findings, suffix: str) -> bytes:
    """The page as the content of a file with that suffix; raises as `save_page` does."""
    need_application()
    sources = [Source(run.arm, run.seed, run.folder, diverged=run.diverged) for run in findings.runs]
    series = read_series(findings.experiment, findings.size, sources)
    plots = pictures(findings.experiment, findings.size, series, findings.charts)
    return sheet_bytes(ExperimentSheet(findings, tuple(plots.values())[:_MOST_PLOTS]), suffix)


class ExperimentSheet:
    """A page that `figure.sheet_bytes` turns into a file; always light, for paper."""

    def __init__(self, findings: Findings, plots: tuple[Plot, ...]) -> None:
        self.size = QSizeF(_WIDTH, _HEIGHT)
        self.name = f"Experiment {findings.experiment.number}: {findings.experiment.title}"
        self._findings = findings
        self._plots = plots

    def paint(self, painter: QPainter) -> None:
        painter.fillRect(QRectF(-1, -1, _WIDTH + 2, _HEIGHT + 2), QColor("#ffffff"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(_MARGIN, _MARGIN, _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN)
        pen = _Pen(painter)
        top = self._paint_head(pen, area)
        foot = self._paint_foot(pen, area)
        body = QRectF(area.left(), top, area.width(), foot - top - 14)
        plots = body
        if self._plots:
            plots = QRectF(body.left(), body.top(), body.width() * _PLOTS_SHARE, body.height())
            self._paint_plots(painter, plots)
            body = QRectF(plots.right() + _GAP, body.top(), body.width() - plots.width() - _GAP, body.height())
        _fitted(painter, body, self._paint_verdict)

    def _paint_head(self, pen: _Pen, area: QRectF) -> float:
        experiment = self._findings.experiment
        column = _Column(pen, area, 1.0)
        column.line(f"EXPERIMENT {experiment.number}", size=0.72, colour="secondary", weight=QFont.Weight.DemiBold)
        column.space(2)
        column.line(experiment.title, size=_TITLE, weight=QFont.Weight.DemiBold)
        column.space(4)
        column.text(experiment.question, size=1.12)
        column.space(3)
        column.text(str(experiment.source), size=0.86, colour="secondary")
        column.space(10)
        column.rule()
        column.space(14)
        return column.y

    def _paint_foot(self, pen: _Pen, area: QRectF) -> float:
        """The configuration, at the foot of the page; gives where it begins."""
        trial = _Column(None, area, 1.0, pen)
        self._write_foot(trial)
        needed = trial.y - area.top()
        column = _Column(pen, QRectF(area.left(), area.bottom() - needed, area.width(), needed), 1.0)
        self._write_foot(column)
        return area.bottom() - needed

    def _write_foot(self, column: _Column) -> None:
        findings = self._findings
        form = findings.experiment.form(findings.size)
        column.rule()
        column.space(8)
        for name, words in (
            ("Setting", f"{form.setting[:1].upper()}{form.setting[1:].rstrip('.')}."),
            ("Training", training_text(findings)),
            ("Compared", compared_text(findings)),
            ("Cannot show", form.cannot),
        ):
            if words:
                column.named(name, words, size=0.8)
                column.space(2)
        column.space(3)
        column.line(f"CNN Explorer {explorer.__version__} · cnn-explorer experiment {findings.experiment.name}"
                    f"{' --full' if findings.size == 'full' else ''}", size=0.72, colour="secondary")  # fmt: skip

    def _paint_plots(self, painter: QPainter, area: QRectF) -> None:
        """The first plot is large, the others stand side by side below it."""
        first, others = self._plots[0], self._plots[1:]
        below = area.height() * 0.4 if others else 0.0
        gap = 12.0
        large = QRectF(area.left(), area.top(), area.width(), area.height() - below - (gap if others else 0))
        self._paint_plot(painter, large, first, 0.95)
        if others:
            width = (area.width() - _GAP * 0.6 * (len(others) - 1)) / len(others)
            for number, plot in enumerate(others):
                left = area.left() + number * (width + _GAP * 0.6)
                self._paint_plot(painter, QRectF(left, area.bottom() - below, width, below), plot, 0.8)

    def _paint_plot(self, painter: QPainter, area: QRectF, plot: Plot, scale: float) -> None:
        look = _look(scale)
        painter.setFont(look.title_font)
        painter.setPen(look.colour("text"))
        painter.drawText(QPointF(area.left(), area.top() + look.title.ascent()), plot.title)
        paint(painter, area.adjusted(0, look.title.height() + 2, 0, 0), plot, look)

    def _paint_verdict(self, column: _Column) -> None:
        findings = self._findings
        state = State(findings.outcome.value)
        column.marked(headline(findings), state, size=1.3, weight=QFont.Weight.DemiBold)
        column.space(2)
        column.text(circumstances(findings)[:1].upper() + circumstances(findings)[1:], size=0.84, colour="secondary")
        column.space(6)
        for part in findings.parts:
            sentence = part.sentence if part.main else f"Beside it: {part.sentence}"
            column.marked(sentence, State(part.outcome.value), size=0.95 if part.main else 0.86)
            column.space(5)
        for table in findings.tables:
            column.space(4)
            column.table(table, size=0.8)
        for remark in findings.remarks:
            column.space(4)
            column.text(remark[:1].upper() + remark[1:], size=0.8, colour="secondary")


def training_text(findings: Findings) -> str:
    """How the arms are trained, in some words: what they share."""
    form = findings.experiment.form(findings.size)
    if not form.arms:
        return ""
    configs = [config_of(form, arm, findings.dataset, 0) for arm in form.arms]
    said = [dataset_title(findings)]
    for name, words in _FIELDS.items():
        values = list(dict.fromkeys(getattr(config, name) for config in configs))
        if values == [_DEFAULTS.get(name)]:
            continue
        shown = " or ".join(
            f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ") for value in values
        )
        said.append(words.format(shown).replace("1 epochs", "1 epoch") if shown == "1" else words.format(shown))
    return f"{', '.join(said)}. All arms see the same batches and begin with the same weights where shapes match."


_FIELDS = {
    "epochs": "{} epochs",
    "batch_size": "batches of {}",
    "optimiser": "optimiser {}",
    "momentum": "momentum {}",
    "learning_rate": "rate {}",
    "schedule": "{} schedule",
    "warm_up_epochs": "{} epochs of warm-up",
    "weight_decay": "weight decay {}",
    "loss": "loss {}",
}
_DEFAULTS: dict[str, object] = {"warm_up_epochs": 0.0, "weight_decay": 0.0}


def compared_text(findings: Findings) -> str:
    """The arms and what differs in them: "plain-20; plain-56 (resnet56); …"."""
    form = findings.experiment.form(findings.size)
    if not form.arms:
        return ""
    rows = arms_table(form).rows
    return "; ".join(f"{name} ({differs})" if differs else name for name, differs in rows) + "."


def _look(scale: float) -> Look:
    font = QFont()
    font.setPixelSize(round(_TEXT))
    return Look(LIGHT, False, _scaled(font, scale), scale)


def _scaled(font: QFont, scale: float) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(max(6, round(_TEXT * scale)))
    return sized


def _fitted(painter: QPainter, area: QRectF, write: Callable[[_Column], None]) -> None:
    """Writes into an area at the largest size at which all of it has room."""
    pen = _Pen(painter)
    for scale in _SCALES:
        trial = _Column(None, area, scale, pen)
        write(trial)
        if trial.y <= area.bottom() or scale == _SCALES[-1]:
            painter.save()
            painter.setClipRect(area.adjusted(-2, -2, 2, 2))
            write(_Column(pen, area, scale))
            painter.restore()
            return


class _Pen:
    """A painter with the page's fonts and colours."""

    def __init__(self, painter: QPainter) -> None:
        self.painter = painter

    def font(self, size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont()
        # Sizes between whole pixels: the page is drawn in lines, and must shrink evenly.
        font.setPointSizeF(max(_TEXT * size, 5.0) * 0.75 * 96 / max(self.painter.device().logicalDpiY(), 1))
        font.setWeight(weight)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def metrics(self, font: QFont) -> QFontMetricsF:
        return QFontMetricsF(font, self.painter.device())


class _Column:
    """Writes from the top of an area down; without a pen it only measures, with the one given for that."""

    def __init__(self, pen: _Pen | None, area: QRectF, scale: float, measure: _Pen | None = None) -> None:
        self._pen, self._measure = pen, pen or measure
        self._area, self._scale = area, scale
        self.y = area.top()

    def space(self, height: float) -> None:
        self.y += height * self._scale

    def rule(self) -> None:
        if self._pen is not None:
            self._pen.painter.setPen(QPen(QColor(LIGHT.line), 1))
            self._pen.painter.drawLine(QPointF(self._area.left(), self.y), QPointF(self._area.right(), self.y))

    def line(self, text: str, *, size: float, colour: str = "text", weight: QFont.Weight = QFont.Weight.Normal) -> None:
        self.text(text, size=size, colour=colour, weight=weight)

    def text(
        self, text: str, *, size: float, colour: str = "text", weight: QFont.Weight = QFont.Weight.Normal,
        left: float = 0.0,
    ) -> None:  # fmt: skip
        """A paragraph, wrapped."""
        font, metrics = self._font(size, weight)
        area = QRectF(self._area.left() + left, self.y, self._area.width() - left, 10_000)
        flags = int(Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignTop.value)
        height = metrics.boundingRect(area, flags, text).height()
        if self._pen is not None:
            self._pen.painter.setFont(font)
            self._pen.painter.setPen(QColor(getattr(LIGHT, colour)))
            self._pen.painter.drawText(QRectF(area.left(), self.y, area.width(), height + 2), flags, text)
        self.y += height

    def marked(self, text: str, state: State, *, size: float, weight: QFont.Weight = QFont.Weight.Normal) -> None:
        """A paragraph behind the mark of a verdict."""
        _, metrics = self._font(size, weight)
        side = metrics.ascent()
        if self._pen is not None:
            box = QRectF(self._area.left(), self.y + (metrics.height() - side) / 2, side, side)
            paint_mark(self._pen.painter, box, state, LIGHT)
        colour = "text"
        if weight is not QFont.Weight.Normal:
            found = colour_of(state, LIGHT).name()
            colour = next((name for name in ("good", "bad", "secondary") if getattr(LIGHT, name) == found), "text")
        self.text(text, size=size, colour=colour, weight=weight, left=side + 8 * self._scale)

    def named(self, name: str, words: str, *, size: float) -> None:
        """A paragraph with its name to its left."""
        _, metrics = self._font(size, QFont.Weight.DemiBold)
        before = self.y
        if self._pen is not None:
            self.text(name, size=size, colour="secondary", weight=QFont.Weight.DemiBold)
            self.y = before
        self.text(words, size=size, left=metrics.horizontalAdvance("Cannot show") + 14)

    def table(self, table: Table, *, size: float) -> None:
        """A title and rows; the first column is words, the others are figures at the right."""
        self.text(table.title, size=size, colour="secondary", weight=QFont.Weight.DemiBold)
        font, metrics = self._font(size)
        rows = (table.columns, *table.rows)
        widths = [
            max(metrics.horizontalAdvance(row[column]) for row in rows if column < len(row)) + 10 * self._scale
            for column in range(len(table.columns))
        ]
        widths[0] = max(60.0, min(widths[0], self._area.width() - sum(widths[1:])))
        shrink = min(1.0, self._area.width() / max(sum(widths), 1))
        height = metrics.height() * 1.25
        if self._pen is not None:
            painter = self._pen.painter
            painter.setFont(font)
            for number, row in enumerate(rows):
                top = self.y + number * height
                self._cells(painter, metrics, row, [width * shrink for width in widths], top, height, number == 0)
        self.y += len(rows) * height

    def _cells(
        self, painter: QPainter, metrics: QFontMetricsF, row: tuple[str, ...], widths: list[float], top: float,
        height: float, is_head: bool,
    ) -> None:  # fmt: skip
        painter.setPen(QColor(LIGHT.secondary if is_head else LIGHT.text))
        left = self._area.left()
        # What is left of the room goes between words and figures.
        spare = self._area.width() - sum(widths)
        for column, (text, width) in enumerate(zip(row, widths, strict=False)):
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            room = width + (spare if column == 0 else 0.0)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, top, room, height), side | Qt.AlignmentFlag.AlignVCenter, shown)
            left += room
        painter.setPen(QPen(QColor(LIGHT.line), 0.8))
        painter.drawLine(QPointF(self._area.left(), top + height), QPointF(self._area.right(), top + height))

    def _font(self, size: float, weight: QFont.Weight = QFont.Weight.Normal) -> tuple[QFont, QFontMetricsF]:
        if self._measure is None:
            raise ValueError("a column that only measures needs a pen to measure with")
        font = self._measure.font(size * self._scale, weight)
        return font, self._measure.metrics(font)
