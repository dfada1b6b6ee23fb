"""The fields of dataclasses and TypedDicts: their keys in JSON, their types, and whether they must be there.

A field that may be None need not be there, as an `Option` in Rust.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import Any, NamedTuple, Union


class Field(NamedTuple):
    """One field."""

    name: str
    key: str
    """Its name in JSON: another one where the field says `metadata={"key": …}`."""
    hint: Any
    required: bool
    none_if_missing: bool


@functools.cache
def fields_of(record: Any) -> list[Field]:
    """All that a value of this type has."""
    hints = typing.get_type_hints(record, include_extras=True)
    if dataclasses.is_dataclass(record):
        return [of_dataclass(field, hints[field.name]) for field in dataclasses.fields(record) if field.init]
    return [of_dict(name, hint, name in record.__required_keys__) for name, hint in hints.items()]


def of_dataclass(field: dataclasses.Field[Any], hint: Any) -> Field:
    missing = dataclasses.MISSING
    defaults = field.default is not missing or field.default_factory is not missing
    none = may_be_none(hint)
    return Field(field.name, field.metadata.get("key", field.name), hint, not (defaults or none), none and not defaults)


def of_dict(name: str, hint: Any, required: bool) -> Field:
    while typing.get_origin(hint) in MARKS:
        hint = typing.get_args(hint)[0]
    return Field(name, name, hint, required and not may_be_none(hint), required and may_be_none(hint))


def wrappers() -> tuple[Any, ...]:
    """`Required` and `NotRequired`, which Python 3.10 does not have."""
    return tuple(getattr(typing, name) for name in ("Required", "NotRequired") if hasattr(typing, name))


MARKS = wrappers()


def may_be_none(hint: Any) -> bool:
    """Whether None is among what it allows."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        return type(None) in typing.get_args(hint)
    return hint is None or hint is type(None)
