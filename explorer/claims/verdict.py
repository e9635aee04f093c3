"""What the figures of several seeds say about a claim, and how sure that is. Free of torch.

The rule: seeds pair the runs of two arms (same batches, same first weights), so their differences are looked at, one a
seed. Where Student's 95 % interval of the mean difference lies on the claimed side of zero, the claim is *seen*; on
the other side it is *contradicted*; where it holds zero, the budget has *not shown* it. Ratios are judged by their
logarithms in the same way. One seed has no spread and shows nothing. With three seeds the interval is wide (4.3
standard errors): a claim that passes is well beyond the spread, and one in forty that says nothing passes by chance.

What is computed rather than trained has no spread: it is *exact*, seen or contradicted.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.claims.claim import Measure, Part


class Outcome(str, Enum):
    """What an experiment says. `PARTLY`: some of the claim was seen, and some was not or was contradicted."""

    SEEN = "seen"
    PARTLY = "seen in part"
    NOT_SEEN = "not seen at this budget"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class Figure:
    """What an arm came to: one value a seed, in the order of `seeds`, NaN where there is none.

    `diverged` counts the runs whose loss stopped being a number; the measure's worst value stands for them. `censored`
    counts those that did not reach what was asked of them; the steps that they had stand for the steps they needed.
    """

    arm: str
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    diverged: int = 0
    censored: int = 0

    @property
    def mean(self) -> float:
        known = [value for value in self.values if not math.isnan(value)]
        return statistics.fmean(known) if known else math.nan

    @property
    def spread(self) -> float:
        """The standard deviation over seeds; NaN for fewer than two."""
        known = [value for value in self.values if not math.isnan(value)]
        return statistics.stdev(known) if len(known) > 1 else math.nan


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its 95 % interval; of a ratio where the rule is about one."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class PartVerdict:
    """What a part of the claim came to. `interval` is of the difference or ratio, None where none could be made."""

    says: str
    outcome: Outcome
    sentence: str
    first: Figure | None = None
    second: Figure | None = None
    interval: Interval | None = None
    main: bool = True
    exact: bool = False


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    sentence: str
    parts: tuple[PartVerdict, ...]


# Student's t, 97.5 %, for 1, 2, ... degrees of freedom.
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def interval(values: Sequence[float]) -> Interval | None:
    """Student's 95 % interval of the mean; None for fewer than two values that are numbers."""
    known = [value for value in values if math.isfinite(value)]
    if len(known) < 2:
        return None
    mean = statistics.fmean(known)
    half = _T[min(len(known) - 1, len(_T)) - 1] * statistics.stdev(known) / math.sqrt(len(known))
    return Interval(mean, mean - half, mean + half, len(known))


def difference(first: Figure, second: Figure, name: str) -> Figure:
    """What the first has more than the second, seed by seed, for the seeds that both have."""
    theirs = dict(zip(second.seeds, second.values, strict=True))
    both = [
        (seed, value - theirs[seed]) for seed, value in zip(first.seeds, first.values, strict=True) if seed in theirs
    ]
    return Figure(
        name,
        tuple(seed for seed, _ in both),
        tuple(value for _, value in both),
        first.diverged + second.diverged,
        first.censored + second.censored,
    )


def judge(part: Part, figures: Mapping[str, Figure]) -> PartVerdict:
    """What the arms' figures say about a part of the claim, by the rule that it names."""
    return _RULES[part.rule](part, figures[part.first], figures.get(part.second))


def exactly(says: str, sentence: str, *, holds: bool, main: bool = True) -> PartVerdict:
    """A part that is computed: it holds or it does not."""
    return PartVerdict(says, Outcome.SEEN if holds else Outcome.CONTRADICTED, _closed(sentence), main=main, exact=True)


def combined(parts: Sequence[PartVerdict], says: str = "") -> Verdict:
    """The verdict on a whole claim: what its main parts have in common; the first of them gives the sentence."""
    main = [part for part in parts if part.main] or list(parts)
    if not main:
        return Verdict(Outcome.NOT_SEEN, "nothing was compared", ())
    outcomes = {part.outcome for part in main}
    if len(outcomes) == 1:
        outcome = main[0].outcome
    elif Outcome.SEEN in outcomes or Outcome.PARTLY in outcomes:
        outcome = Outcome.PARTLY
    else:
        # Nothing was seen, and something points the other way.
        outcome = Outcome.CONTRADICTED
    sentences = [part.sentence for part in main]
    return Verdict(outcome, " ".join([says, *sentences] if says else sentences), tuple(parts))


def written(value: float, unit: str) -> str:
    """A figure as a sentence has it."""
    if math.isnan(value):
        return "unknown"
    if unit == "percent":
        return f"{_signed(100 * value, '.1f')} %"
    if unit == "steps":
        return f"{_signed(value, ',.0f')} steps"
    return three_figures(value)


def three_figures(value: float) -> str:
    """A bare number as a sentence has it: "0.0123", "4.56", "2,190", "−0.2"."""
    return _signed(value, ",.0f" if abs(value) >= 1000 else ".3g")


def _signed(value: float, form: str) -> str:
    """A number with a true minus sign, and none before a zero."""
    text = format(value, form)
    if text.startswith("-"):
        text = f"−{text[1:]}" if any(digit in text for digit in "123456789") else text[1:]
    return text


def with_spread(figure: Figure, unit: str) -> str:
    """Mean and standard deviation: "18.0 ± 1.0 %"."""
    if math.isnan(figure.spread):
        return written(figure.mean, unit)
    if unit == "percent":
        return f"{_signed(100 * figure.mean, '.1f')} ± {100 * figure.spread:.1f} %"
    if unit == "steps":
        return f"{_signed(figure.mean, ',.0f')} ± {figure.spread:,.0f} steps"
    return f"{three_figures(figure.mean)} ± {figure.spread:.2g}"


def _lower(part: Part, first: Figure, second: Figure | None) -> PartVerdict:
    """The first is lower than the second, by more than the spread."""
    pairs = _pairs(first, second)
    found = interval([theirs - ours for ours, theirs in pairs])
    outcome = Outcome.NOT_SEEN
    if found is not None and found.low > 0:
        outcome = Outcome.SEEN if found.mean >= part.by else Outcome.NOT_SEEN
    elif found is not None and found.high < 0:
        outcome = Outcome.CONTRADICTED
    return _said(part, outcome, first, second, found, _difference(part.measure, found))


def _times_fewer(part: Part, first: Figure, second: Figure | None) -> PartVerdict:
    """The first is lower by a factor: beyond the spread of 1, and `by` or more on average (geometric mean)."""
    pairs = _pairs(first, second)
    logs = interval([math.log(theirs / ours) for ours, theirs in pairs if ours > 0 and theirs > 0])
    found = None
    if logs is not None:
        found = Interval(math.exp(logs.mean), math.exp(logs.low), math.exp(min(logs.high, 700.0)), logs.count)
    outcome, more = Outcome.NOT_SEEN, ""
    if found is not None:
        low, high = three_figures(found.low), three_figures(found.high)
        more = f"{three_figures(found.mean)} times (95 % interval {low} to {high})"
        if second is not None and second.censored:
            more = f"at least {more}"
        if found.low > 1:
            outcome = Outcome.SEEN if found.mean >= part.by else Outcome.NOT_SEEN
            if outcome is Outcome.NOT_SEEN:
                more += f", less than the {part.by:g} times that are claimed"
        elif found.high < 1:
            outcome = Outcome.CONTRADICTED
    return _said(part, outcome, first, second, found, more)


def _no_higher(part: Part, first: Figure, second: Figure | None) -> PartVerdict:
    """The first is not higher than the second by the margin `by`: the whole interval of the excess stays below it."""
    pairs = _pairs(first, second)
    found = interval([ours - theirs for ours, theirs in pairs])
    outcome = Outcome.NOT_SEEN
    if found is not None and found.high < part.by:
        outcome = Outcome.SEEN
    elif found is not None and found.low > part.by:
        outcome = Outcome.CONTRADICTED
    margin = f"the margin is {_points(part.by, part.measure)}"
    said = _difference(part.measure, found)
    return _said(part, outcome, first, second, found, f"{said}; {margin}" if said else margin)


def _below(part: Part, first: Figure, _second: Figure | None) -> PartVerdict:
    """The figure itself stays below `by`."""
    found = interval(first.values)
    outcome = Outcome.NOT_SEEN
    if found is not None and found.high < part.by:
        outcome = Outcome.SEEN
    elif found is not None and found.low > part.by:
        outcome = Outcome.CONTRADICTED
    return _said(part, outcome, first, None, found, f"the limit is {written(part.by, part.measure.unit)}")


_RULES = {"lower": _lower, "times_fewer": _times_fewer, "no_higher": _no_higher, "below": _below}


def _pairs(first: Figure, second: Figure | None) -> list[tuple[float, float]]:
    """The values of the seeds that both arms have."""
    if second is None:
        return []
    theirs = dict(zip(second.seeds, second.values, strict=True))
    ours = dict(zip(first.seeds, first.values, strict=True))
    return [
        (ours[seed], theirs[seed])
        for seed in first.seeds
        if seed in theirs and not math.isnan(ours[seed]) and not math.isnan(theirs[seed])
    ]


def _difference(measure: Measure, found: Interval | None) -> str:
    if found is None:
        return ""
    low, high = sorted((abs(found.low), abs(found.high))) if found.low * found.high > 0 else (found.low, found.high)
    mean = abs(found.mean) if found.low * found.high > 0 else found.mean
    return f"difference {_points(mean, measure)} (95 % interval {_bare(low, measure)} to {_bare(high, measure)})"


def _points(value: float, measure: Measure) -> str:
    return f"{_bare(value, measure)} points" if measure.unit == "percent" else written(value, measure.unit)


def _bare(value: float, measure: Measure) -> str:
    if measure.unit == "percent":
        return _signed(100 * value, ".1f")
    return _signed(value, ",.0f") if measure.unit == "steps" else three_figures(value)


_ENDS = {
    Outcome.SEEN: "as claimed",
    Outcome.NOT_SEEN: "the spread leaves it open",
    Outcome.CONTRADICTED: "the opposite of what is claimed",
    Outcome.PARTLY: "in part as claimed",
}


def _said(
    part: Part, outcome: Outcome, first: Figure, second: Figure | None, found: Interval | None, more: str
) -> PartVerdict:
    figures = [first] if second is None else [first, second]
    count = min(len(figure.seeds) for figure in figures)
    per = part.measure.per
    seeds = f"with 1 {per}" if count == 1 else f"over {count} {per}s"
    arms = " against ".join(f"{figure.arm} {with_spread(figure, part.measure.unit)}" for figure in figures)
    words = [f"{part.says}: {seeds} {part.measure.words} is {arms}"]
    if more:
        words.append(more)
    notes = [_diverged(figure) for figure in figures if figure.diverged]
    notes += [_censored(figure) for figure in figures if figure.censored]
    end = _ENDS[outcome]
    if outcome is Outcome.NOT_SEEN and found is None:
        end = f"one {per} has no spread to compare with" if count == 1 else "too few runs gave a figure"
    elif outcome is Outcome.NOT_SEEN and ((part.rule == "lower" and found and found.low > 0) or "less than" in more):
        end = "there is a difference, but a smaller one than is claimed"
    sentence = _closed(f"{'; '.join([*words, *notes])}: {end}")
    return PartVerdict(part.says, outcome, sentence, first, second, found, part.main)


def _diverged(figure: Figure) -> str:
    return f"{figure.diverged} of {len(figure.seeds)} runs of {figure.arm} diverged"


def _censored(figure: Figure) -> str:
    return f"{figure.censored} of {len(figure.seeds)} runs of {figure.arm} did not get there"


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."
