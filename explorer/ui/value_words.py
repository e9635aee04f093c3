"""The computation of one value in words and numbers."""

from __future__ import annotations

from explorer.inference.one_value import OneValue, Rule
from explorer.ui.figures_in_words import figure


def term_name(value: OneValue, place: int) -> str:
    """What one of the terms is: "input channel 3", or "units 100–199" of a dense layer."""
    number = int(value.channels[place])
    _, height, width = value.input_shape
    if _is_block(value):
        each = height * width
        count = int(value.inside[place].sum())
        return f"inputs {number * each:,}–{number * each + count - 1:,}"
    return f"input channel {number}"


def _is_block(value: OneValue) -> bool:
    """Whether a dense layer's inputs are shown in squares because there are no maps before it."""
    return value.is_dense and not value.is_folded


def title_words(value: OneValue) -> tuple[str, str]:
    """What stands above the two maps."""
    before = term_name(value, value.shown_term)
    return before, f"output {'' if value.is_dense else 'channel '}{value.channel}"


def term_words(value: OneValue) -> str:
    """What the table below shows."""
    name = term_name(value, value.shown_term)
    padded = "" if bool(value.inside[value.shown_term].all()) or value.is_dense else " Gray cells are padding."
    if not value.window.shape[1] or not value.window.shape[2]:
        return "No input reaches this position: its value is the bias."
    if value.rule is Rule.LARGEST:
        return f"The window on {name}; the largest number goes on.{padded}"
    if value.kernel is None:
        return f"The window on {name}; the mean of its numbers goes on.{padded}"
    if value.is_dense:
        return f"The numbers of {name}, each times its weight."
    return f"The window on {name}, each number times its weight.{padded}"


def sum_words(value: OneValue) -> str:
    """From the numbers to the value, a line a step."""
    total, sums = value.total, value.sums
    count = int(value.inside.sum())
    if value.rule is Rule.LARGEST:
        return f"largest of {count} = {figure(total)}\nthe network has {figure(value.value)} there"
    added = float(sums.sum())
    if value.rule is Rule.AVERAGE:
        step = f"sum {figure(added)} ÷ {figure(value.divisor)} = {figure(total)}"
        return f"{step}\nthe network has {figure(value.value)} there"
    terms = len(value.channels)
    lines = []
    if terms > 1:
        shown = float(sums[value.shown_term])
        lines.append(f"{term_name(value, value.shown_term)}: products add up to {figure(shown)}")
        what = "squares of inputs" if _is_block(value) else "input channels"
        lines.append(f"all {terms:,} {what}: {figure(added)}")
    else:
        lines.append(f"products add up to {figure(added)}")
    if value.bias is None:
        lines.append(f"no bias, so the value is {figure(total)}")
    else:
        lines.append(f"{figure(added)} {_with_sign(value.bias)} (bias) = {figure(total)}")
    lines.append(f"the network has {figure(value.value)} there")
    return "\n".join(lines)


def _with_sign(number: float) -> str:
    text = figure(number)
    return f"− {text[1:]}" if text.startswith("−") else f"+ {text}"
