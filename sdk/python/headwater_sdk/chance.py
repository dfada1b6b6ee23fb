"""Random numbers are asked for when they are used, not when Python starts: a task that uses none may be cached.

componentize-py calls `random.seed()` before the first call. Here that only says that a seed is wanted.
"""

from __future__ import annotations

import random
from typing import Any


class WhenUsed(random.Random):
    """Seeds itself from the host at the first number, unless it was given a seed."""

    wanted = True

    def seed(self, a: Any = None, version: int = 2) -> None:
        self.wanted = a is None
        if a is not None:
            super().seed(a, version)

    def random(self) -> float:
        self.begin()
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        self.begin()
        return super().getrandbits(k)

    def begin(self) -> None:
        if self.wanted:
            self.wanted = False
            super().seed(None)


def install() -> None:
    """Behind all functions of the module `random`. Before anybody has taken one of them."""
    hidden, ours = getattr(random, "_inst"), WhenUsed()
    for name, function in list(vars(random).items()):
        if getattr(function, "__self__", None) is hidden:
            setattr(random, name, getattr(ours, name))
    setattr(random, "_inst", ours)
