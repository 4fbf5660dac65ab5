"""Why a report cannot be made, in one line, and the exit status that goes with it."""

from __future__ import annotations

BAD_INPUT = 2
CANNOT_RUN = 3


class Problem(Exception):
    """Something that the user is told in one line; no traceback."""

    status = CANNOT_RUN


class BadInput(Problem):
    """A file or an argument that is not what it should be. Names the file, and the place in it."""

    status = BAD_INPUT
