"""Words on a terminal: colour where it is wanted, no more than there is room for."""

from __future__ import annotations

import os
import sys

_COLOURS = {"worse": "31", "better": "32", "new": "33", "gone": "33"}


def paint(word: str, width: int) -> str:
    """A word in a column, in its colour on a terminal that wants any (https://no-color.org)."""
    text = f"{word:<{width}}"
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\033[{_COLOURS[word]}m{text}\033[0m" if wanted and word in _COLOURS else text


def shorten(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
