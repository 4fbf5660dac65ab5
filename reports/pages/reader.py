"""Reading JSON that may come from anywhere: each value is asked for by name and type, and a wrong one is named.

A Place is a value together with the way to it ("result.json: measurements[3].median"), so that every complaint leads to
the line to look at. Nothing is converted, guessed or filled in: a field that is missing is an error, unless it is asked for
as optional.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pages.problems import BadInput

MOST_BYTES = 64 << 20

T = TypeVar("T")


def _name(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")


@dataclass(frozen=True)
class Place:
    """A value of a JSON file, and where it stands."""

    file: Path
    path: str
    value: object

    def wrong(self, expected: str) -> BadInput:
        return BadInput(f"{self.file}: {self.path or 'the file'}: expected {expected}, found {_name(self.value)}")

    def at(self, key: str) -> Place:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        path = f"{self.path}.{key}" if self.path else key
        if key not in self.value:
            raise BadInput(f"{self.file}: {path} is missing")
        return Place(self.file, path, self.value[key])

    def text_if_there(self, key: str) -> str:
        """The text of a field that results of earlier versions do not have; empty there."""
        return self.at(key).text() if isinstance(self.value, dict) and key in self.value else ""

    def items_if_there(self, key: str) -> Iterator[Place]:
        """The items of a list that results of earlier versions do not have; none there."""
        return self.at(key).items() if isinstance(self.value, dict) and key in self.value else iter(())

    def items(self) -> Iterator[Place]:
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        for index, value in enumerate(self.value):
            yield Place(self.file, f"{self.path}[{index}]", value)

    def entries(self) -> Iterator[tuple[str, Place]]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        for key, value in self.value.items():
            yield key, Place(self.file, f"{self.path}.{key}", value)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("a whole number")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, (int, float)) or isinstance(self.value, bool):
            raise self.wrong("a number")
        try:
            number = float(self.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise BadInput(f"{self.file}: {self.path}: expected a finite number")
        return number

    def choice(self, choices: Sequence[str]) -> str:
        text = self.text()
        if text not in choices:
            raise BadInput(f"{self.file}: {self.path}: expected one of {', '.join(choices)}, found {text[:80]!r}")
        return text

    def optional(self, read: Callable[[Place], T]) -> T | None:
        return None if self.value is None else read(self)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def read_json(file: Path) -> Place:
    """The value of a whole file."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadInput(f"{file}: is larger than {MOST_BYTES >> 20} MiB, which no result is")
        return Place(file, "", json.loads(file.read_text(encoding="utf-8"), parse_constant=_refuse_constant))
    except json.JSONDecodeError as error:
        raise BadInput(f"{file}:{error.lineno}:{error.colno}: is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise BadInput(f"{file}: is nested deeper than any result") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: is no UTF-8: byte {error.start}") from error
    except ValueError as error:
        raise BadInput(f"{file}: {error}") from error
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror}") from error
