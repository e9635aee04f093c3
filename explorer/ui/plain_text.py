"""Texts that widgets would otherwise take for markup."""

from __future__ import annotations

import html


def tooltip(text: str) -> str:
    """A tooltip that shows `text` as it is, wrapped, whatever it contains.

    Qt guesses from the text whether a tooltip is markup; names in a network or a file must never become any.
    """
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>" if text else ""
