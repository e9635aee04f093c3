"""The pictures of an experiment: its runs' curves, its layers' gradients, and the charts that were computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.claims.claim import Experiment, Form, Look, Size
from explorer.claims.results import Chart
from explorer.ui import numbers
from explorer.ui.experiment_plot import NOTHING, Plot, PlotLine, Style
from explorer.ui.experiment_series import Series

_WORDS = {
    ("train", "error"): "training error (%)",
    ("epoch", "error"): "training error of each epoch (%)",
    ("test", "error"): "test error (%)",
    ("train", "loss"): "training loss",
    ("epoch", "loss"): "training loss of each epoch",
    ("test", "loss"): "test loss",
    ("test", "mean_iou"): "test mean IoU",
}


def styles(form: Form) -> dict[str, Style]:
    """A colour an arm; trials of one thing share it and differ by their dashes."""
    found: dict[str, Style] = {}
    colours: dict[str, int] = {}
    used: dict[str, int] = {}
    for arm in form.arms:
        key = arm.best_of or arm.name
        colour = colours.setdefault(key, len(colours))
        found[arm.name] = Style(colour, used.get(key, 0))
        used[key] = used.get(key, 0) + 1
    for key, colour in colours.items():
        found.setdefault(key, Style(colour))
    return found


def titles(experiment: Experiment, charts: Sequence[Chart] = ()) -> list[str]:
    """What there is to look at: what the experiment announces, and the charts that nobody announced."""
    announced = [look.title for look in experiment.look]
    return [*announced, *(chart.title for chart in charts if chart.title not in announced)]


def pictures(experiment: Experiment, size: Size, series: Sequence[Series], charts: Sequence[Chart]) -> dict[str, Plot]:
    """The plots that there are figures for, by their titles, in the order of `titles`."""
    looks = styles(experiment.form(size))
    made = {one.look.title: of_series(one, looks) for one in series if one.curves}
    made |= {chart.title: of_chart(chart, looks) for chart in charts if chart.lines}
    return {title: made[title] for title in titles(experiment, charts) if title in made}


def of_series(series: Series, looks: dict[str, Style]) -> Plot:
    look = series.look
    lines = tuple(
        PlotLine(
            f"{curve.arm} ({curve.diverged} diverged)" if curve.diverged else curve.arm,
            looks.get(curve.arm, Style()),
            curve.x,
            curve.y,
            curve.low,
            curve.high,
            curve.others,
        )
        for curve in series.curves
    )
    is_layers = look.kind == "layers"
    return Plot(
        title=look.title,
        x_label="convolution or dense layer, counted from the input" if is_layers else "step",
        y_label="gradient norm, mean over the training" if is_layers else _y_label(look),
        lines=lines,
        y_log=is_layers,
        whole_x=True,
        unit="%" if look.figure == "error" else "",
        note=_note(series),
    )


def of_chart(chart: Chart, looks: dict[str, Style]) -> Plot:
    """A computed chart; spreads (standard deviations) are its bands."""
    free = iter(range(len(chart.lines)))
    names = {line.name for line in chart.lines}
    taken = {looks[name].colour for name in names if name in looks}
    lines = []
    for line in chart.lines:
        x, y, spread = (np.array(values, dtype=float) for values in (line.x, line.y, line.spread))
        style = looks.get(line.name) or Style(next(number for number in free if number not in taken))
        low, high = (y - spread, y + spread) if len(spread) == len(y) and len(y) else (NOTHING, NOTHING)
        if chart.y_log and len(low):
            low = np.maximum(low, y * 1e-3)
        lines.append(PlotLine(line.name, style, x, y, low, high))
    has_bands = any(len(line.low) for line in lines)
    whole = all(float(value).is_integer() for line in chart.lines for value in line.x)
    return Plot(
        chart.title, chart.x_label, chart.y_label, tuple(lines), chart.x_log, chart.y_log, whole,
        note="Bands: one standard deviation over seeds." if has_bands else "",
    )  # fmt: skip


def _y_label(look: Look) -> str:
    return _WORDS.get((look.split, look.figure), look.title.lower())


def _note(series: Series) -> str:
    counts = sorted({curve.seeds for curve in series.curves if len(curve.x)})
    parts = []
    if counts and counts[-1] > 1:
        parts.append(f"Line: mean of {numbers.plural(counts[-1], 'seed')}; band: from the smallest to the largest.")
    elif counts:
        parts.append("One seed.")
    if series.smoothed > 1:
        parts.append(f"Each point is the mean of {series.smoothed:,} steps.")
    if any(curve.others and len(curve.x) for curve in series.curves):
        parts.append("Thin: a run under way or diverged.")
    return " ".join(parts)
