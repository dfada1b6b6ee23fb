"""From a task's result to JSON text, checked against the type that it declares."""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import Any

from .errors import Misfit
from .records import fields_of
from .types import of


def to_json(value: Any) -> Any:
    """What JSON has for it: dataclasses as objects, tuples and sets as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.key: to_json(getattr(value, field.name)) for field in fields_of(type(value))}
    if isinstance(value, enum.Enum):
        return to_json(value.value)
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise Misfit("the key of an object", "a text", name)
        return {name: to_json(one) for name, one in value.items()}
    if isinstance(value, (set, frozenset)):
        # In an order that does not depend on the process: equal results are equal bytes.
        return sorted((to_json(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    return value


def text(value: Any) -> str:
    """As JSON text. Raises ValueError or TypeError for what JSON has not, NaN among it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def result(value: Any, hint: Any) -> str:
    """A task's result as JSON text. Raises Misfit where it is of another type than declared."""
    plain = to_json(value)
    of(hint).load(plain, "the result")
    try:
        return text(plain)
    except (TypeError, ValueError) as error:
        raise Misfit("the result", f"JSON ({error})", value) from error
