"""Lengths of time, written as in Rust: "250ms", "30s", "5m", "2h", "1d"; a number is seconds."""

from __future__ import annotations

import re
from typing import Union

Duration = Union[str, int, float]

UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def milliseconds(duration: Duration) -> int:
    """In milliseconds. Raises TypeError or ValueError for what is no length of time."""
    if isinstance(duration, (int, float)) and not isinstance(duration, bool):
        if duration < 0:
            raise ValueError(f"a length of time is not negative, as {duration} is")
        return round(duration * 1_000)
    if not isinstance(duration, str):
        raise TypeError(f"{duration!r} is no length of time: write `\"30s\"`")
    match = re.fullmatch(r"(\d+)\s*(ms|s|m|h|d)", duration.strip())
    if match is None:
        raise ValueError(f"`{duration}` is no length of time: write `\"250ms\"`, `\"30s\"`, `\"5m\"`, `\"2h\"` or `\"1d\"`")
    return int(match[1]) * UNITS_MS[match[2]]
