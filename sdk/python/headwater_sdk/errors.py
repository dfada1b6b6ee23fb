"""What a task raises to say more than an exception of its own would.

Any other exception fails the attempt as well: with its message, its causes, and another attempt if there is one left.
"""

from __future__ import annotations

from typing import Any


class Error(Exception):
    """Fails the attempt. `retryable=False`: no other attempt would cure it. `data` is the author's own, and JSON."""

    def __init__(self, message: str, *, retryable: bool = True, data: Any = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.data = data


class Skip(Exception):
    """Not an error: this task chose not to run. What depends on it is skipped as well."""


MISSING = object()
"""Found in place of a value that is not there."""


class Misfit(Exception):
    """A value that does not fit its type: where in it, what was expected, and what was found."""

    def __init__(self, where: str, expected: str, found: object) -> None:
        shown = repr(found)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        super().__init__(f"`{where}` is missing: {expected}" if found is MISSING else f"`{where}` is {shown}, not {expected}")


class Refused(Exception):
    """The host did not do what it was asked: its kind of failure and its words."""

    def __init__(self, kind: str, message: str, retryable: bool) -> None:
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
