"""Finding what was meant by a few letters."""

from __future__ import annotations

from dataclasses import dataclass

# What a letter found is worth: anywhere, right after the last one, at the start of a word, at the very start.
_ANYWHERE, _NEXT, _WORD, _FIRST = 1, 6, 9, 4
_GAP = 0.08
# What a whole word is worth that is found in what is not shown.
_HIDDEN = 3


@dataclass(frozen=True)
class Match:
    """How well a text fits, the more the better, and which of its letters were meant."""

    score: float
    places: frozenset[int] = frozenset()


def match(query: str, text: str, also: str = "") -> Match | None:
    """How well the words of a query fit a text, in any order; None where one of them does not.

    The letters of a word occur in the text in their order, with others between them ("shr" in "Show ResNet"). A word
    may fit `also` instead, which is not shown: it counts for less. An empty query fits everything.
    """
    score, places = 0.0, set[int]()
    for word in query.casefold().split():
        found = _word(word, text.casefold())
        if found is not None:
            score += found.score
            places |= found.places
        elif word in also.casefold():
            score += _HIDDEN
        else:
            return None
    # Of two that fit alike the shorter one was meant.
    return Match(score - len(text) / 200, frozenset(places))


def _word(word: str, text: str) -> Match | None:
    """The best way to find the letters of a word in a text."""
    if not word:
        return Match(0.0)
    letters = iter(text)
    if not all(letter in letters for letter in word):
        return None
    # best[i]: the best score with the letters so far, the last of them at i; and where the one before it was.
    best: list[float | None] = [None] * len(text)
    before: list[list[int]] = []
    for number, letter in enumerate(word):
        now: list[float | None] = [None] * len(text)
        came = [-1] * len(text)
        for place, other in enumerate(text):
            if other != letter:
                continue
            here = _worth(text, place)
            if number == 0:
                now[place] = here - _GAP * place
                continue
            options = [
                (score + (_NEXT if last == place - 1 else -_GAP * (place - last)), last)
                for last, score in enumerate(best[:place])
                if score is not None
            ]
            if options:
                gained, came[place] = max(options)
                now[place] = gained + here
        best = now
        before.append(came)
    ends = [(score, place) for place, score in enumerate(best) if score is not None]
    if not ends:
        return None
    score, place = max(ends, key=lambda end: (end[0], -end[1]))
    places = [place]
    for came in reversed(before[1:]):
        place = came[place]
        places.append(place)
    return Match(score, frozenset(places))


def _worth(text: str, place: int) -> float:
    if place == 0:
        return _ANYWHERE + _WORD + _FIRST
    starts = not text[place - 1].isalnum() and text[place].isalnum()
    return _ANYWHERE + (_WORD if starts else 0)
