"""The few pieces of HTML that all parts of a page are made of. What comes in as text is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pages.words import TONES


def tag(word: str) -> str:
    return f'<span class="tag {TONES.get(word, "none")}">{escape(word)}</span>'


def _number_class(title: str) -> str:
    return ' class="number"' if title.startswith("#") else ""


def table(caption: str, head: Sequence[str], rows: Sequence[str], kind: str = "") -> str:
    """A table of rows that are HTML already. A head that begins with # is above numbers."""
    cells = "".join(f'<th scope="col"{_number_class(title)}>{escape(title.strip("#"))}</th>' for title in head)
    return (
        f'<div class="scroll"><table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def folded(summary: str, inside: str) -> str:
    """What is there for those who look for it. On paper it is open: see style.css."""
    return f'<details class="fold"><summary>{escape(summary)}</summary>{inside}</details>'
