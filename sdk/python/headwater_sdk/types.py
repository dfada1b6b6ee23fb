"""The types that cross between flows and tasks, read from type hints.

One `Type` knows its JSON Schema, takes a value out of JSON, and says which values it expects. The schemas are those that
Rust's `schemars` makes for the equivalent types, as far as Headwater compares signatures (`docs/python.md`).
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from typing import Any, Callable, NamedTuple, Union

from .errors import MISSING, Misfit

Schema = Any


class Definitions:
    """The named types of one schema. Two classes of one name get a number."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self.names: dict[Any, str] = {}

    def reference(self, record: Any, schema: Callable[[], Schema]) -> Schema:
        """Names the type where it is used, and keeps its schema once."""
        if record not in self.names:
            name, again = record.__name__, 2
            while name in self.schemas:
                name, again = f"{record.__name__}{again}", again + 1
            # Named before its fields are looked at: one of them may be of this very type.
            self.names[record], self.schemas[name] = name, True
            self.schemas[name] = schema()
        return {"$ref": f"#/$defs/{self.names[record]}"}


class Type(NamedTuple):
    """How values of one type cross."""

    words: str
    """What a person calls it."""
    schema: Callable[[Definitions], Schema]
    """Its JSON Schema; types with a name go into the definitions."""
    load: Callable[[Any, str], Any]
    """A Python value from JSON's; the text says where in the whole it stands."""


def root_schema(hint: Any) -> Schema:
    """The whole JSON Schema of a type, with the definitions that it needs."""
    definitions = Definitions()
    schema = of(hint).schema(definitions)
    return {**schema, "$defs": definitions.schemas} if definitions.schemas else schema


def of(hint: Any) -> Type:
    """The type behind a hint. Raises TypeError for one whose values cannot cross."""
    if hint in PLAIN:
        return PLAIN[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return of(arguments[0])
    if origin in (Union, types.UnionType):
        return union([of(argument) for argument in arguments])
    if origin is typing.Literal:
        return one_of(list(arguments))
    if hint in (list, tuple, set, frozenset, dict):
        raise TypeError(f"`{hint.__name__}` does not say of what: write `{hint.__name__}[…]`")
    if origin in (list, set, frozenset):
        return array(of(arguments[0]), origin)
    if origin is tuple:
        return array(of(arguments[0]), tuple) if arguments[1:] == (...,) else row([of(one) for one in arguments])
    if origin is dict:
        return mapping(arguments[0], of(arguments[1]))
    if isinstance(hint, type):
        if issubclass(hint, enum.Enum):
            return one_of([member.value for member in hint], hint)
        if typing.is_typeddict(hint) or dataclasses.is_dataclass(hint):
            return record(hint)
    raise TypeError(f"values of `{show(hint)}` cannot cross: use a dataclass, a TypedDict or a plain type")


def show(hint: Any) -> str:
    """A hint as its author wrote it."""
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint).replace("typing.", "")


def plain(kind: str, words: str, fits: Callable[[Any], bool], made: Callable[[Any], Any] = lambda value: value) -> Type:
    """A type of JSON's own."""

    def load(value: Any, where: str) -> Any:
        if not fits(value):
            raise Misfit(where, words, value)
        return made(value)

    return Type(words, lambda _: {"type": kind}, load)


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


NOTHING = plain("null", "null", lambda value: value is None)
ANYTHING = Type("anything", lambda _: True, lambda value, _: value)
PLAIN: dict[Any, Type] = {
    bool: plain("boolean", "true or false", lambda value: isinstance(value, bool)),
    int: plain("integer", "a whole number", is_whole),
    float: plain("number", "a number", is_number, float),
    str: plain("string", "a text", lambda value: isinstance(value, str)),
    None: NOTHING,
    type(None): NOTHING,
    Any: ANYTHING,
    object: ANYTHING,
}


def array(items: Type, made: Callable[[list[Any]], Any]) -> Type:
    """As many of one type as there are."""
    unique = {"uniqueItems": True} if made in (set, frozenset) else {}

    def load(value: Any, where: str) -> Any:
        if not isinstance(value, (list, tuple)):
            raise Misfit(where, f"a list of {items.words}", value)
        return made([items.load(item, f"{where}[{at}]") for at, item in enumerate(value)])

    return Type("a list", lambda known: {"type": "array", "items": items.schema(known), **unique}, load)


def row(items: list[Type]) -> Type:
    """A fixed number of values, each with a type of its own."""
    words = f"a list of {len(items)}"

    def schema(known: Definitions) -> Schema:
        each = [item.schema(known) for item in items]
        return {"type": "array", "prefixItems": each, "minItems": len(items), "maxItems": len(items)}

    def load(value: Any, where: str) -> Any:
        if not isinstance(value, (list, tuple)) or len(value) != len(items):
            raise Misfit(where, words, value)
        return tuple(item.load(one, f"{where}[{at}]") for at, (item, one) in enumerate(zip(items, value)))

    return Type(words, schema, load)


def mapping(key: Any, values: Type) -> Type:
    """Texts to values of one type."""
    if key is not str:
        raise TypeError(f"the keys of a dict that crosses are texts: write `dict[str, …]`, not `dict[{show(key)}, …]`")

    def load(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise Misfit(where, "an object", value)
        return {name: values.load(one, f"{where}.{name}") for name, one in value.items()}

    return Type("an object", lambda known: {"type": "object", "additionalProperties": values.schema(known)}, load)


def one_of(values: list[Any], made: Callable[[Any], Any] = lambda value: value) -> Type:
    """One of a few values."""
    if not all(value is None or isinstance(value, (str, int, bool)) for value in values):
        raise TypeError(f"one of {values!r} is neither a text nor a number: it cannot cross")
    words = "one of " + ", ".join(repr(value) for value in values)
    kind = {"type": "string"} if all(isinstance(value, str) for value in values) else {}

    def load(value: Any, where: str) -> Any:
        # True is 1 in Python and not in JSON.
        if not any(type(value) is type(one) and value == one for one in values):
            raise Misfit(where, words, value)
        return made(value)

    return Type(words, lambda _: {**kind, "enum": list(values)}, load)


def union(members: list[Type]) -> Type:
    """Any of several; the first that fits is taken."""
    words = " or ".join(member.words for member in members)

    def schema(known: Definitions) -> Schema:
        schemas = [member.schema(known) for member in members]
        kinds = [one["type"] for one in schemas if isinstance(one, dict) and set(one) == {"type"}]
        return {"type": kinds} if len(kinds) == len(schemas) else {"anyOf": schemas}

    def load(value: Any, where: str) -> Any:
        for member in members:
            try:
                return member.load(value, where)
            except Misfit:
                continue
        raise Misfit(where, words, value)

    return Type(words, schema, load)


def record(hint: Any) -> Type:
    """A dataclass or a TypedDict."""
    from .records import fields_of

    made: Callable[..., Any] = hint if dataclasses.is_dataclass(hint) and isinstance(hint, type) else dict
    words = f"an object ({hint.__name__})"

    def schema(known: Definitions) -> Schema:
        def fields() -> Schema:
            return {
                "type": "object",
                "properties": {field.key: of(field.hint).schema(known) for field in fields_of(hint)},
                "required": [field.key for field in fields_of(hint) if field.required],
            }

        return known.reference(hint, fields)

    def load(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise Misfit(where, words, value)
        given = {}
        for field in fields_of(hint):
            if field.key in value:
                given[field.name] = of(field.hint).load(value[field.key], f"{where}.{field.key}")
            elif field.required:
                raise Misfit(f"{where}.{field.key}", of(field.hint).words, MISSING)
            elif field.none_if_missing:
                given[field.name] = None
        return made(**given)

    return Type(words, schema, load)
