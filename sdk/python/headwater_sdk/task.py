"""`@task`: a function becomes a task of this plugin. The function itself stays as it is, and tests call it.

All that can be wrong is found when the module is imported, which is when the component is built.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import json
import typing
from typing import Any, Callable, Optional, Sequence, TypeVar, overload

from . import types, values
from .durations import Duration, milliseconds
from .errors import MISSING, Misfit

registered: dict[str, "Task"] = {}
"""Every task of the plugin, by name."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter, as the manifest has it."""

    name: str
    description: str
    hint: Any
    schema: str
    default: Optional[str]


@dataclasses.dataclass(frozen=True)
class Policy:
    """What holds for every call unless the call says otherwise. Times in milliseconds."""

    retries: Optional[int] = None
    delays: tuple[int, ...] = ()
    backoff: float = 1.0
    timeout: Optional[int] = None
    cached: bool = False
    cache_ttl: Optional[int] = None
    tags: tuple[str, ...] = ()
    grants: tuple[tuple[str, Any], ...] = ()


@dataclasses.dataclass(frozen=True)
class Task:
    """A task."""

    name: str
    description: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    returns: Any
    returns_schema: str
    policy: Policy

    def arguments(self, given: Any) -> dict[str, Any]:
        """What the function is called with. Raises Misfit for what does not fit."""
        if not isinstance(given, dict):
            raise Misfit("the arguments", "an object", given)
        arguments = {}
        for one in self.parameters:
            if one.name in given:
                value = given[one.name]
            elif one.default is not None:
                value = json.loads(one.default)
            else:
                raise Misfit(one.name, types.of(one.hint).words, MISSING)
            arguments[one.name] = types.of(one.hint).load(value, one.name)
        return arguments

    def result(self, value: Any) -> str:
        """The result as JSON text."""
        return values.result(value, self.returns)


@overload
def task(function: F) -> F: ...
@overload
def task(
    *,
    name: Optional[str] = None,
    retries: Optional[int] = None,
    retry_delay: Optional[Duration] = None,
    retry_delays: Sequence[Duration] = (),
    backoff: float = 1.0,
    timeout: Optional[Duration] = None,
    cache_for: Optional[Duration] = None,
    tags: Sequence[str] = (),
    secrets: Sequence[str] = (),
    env: Sequence[str] = (),
    dirs: Sequence[str] = (),
    dirs_rw: Sequence[str] = (),
    http: Sequence[str] = (),
    clock: bool = False,
) -> Callable[[F], F]: ...
def task(function: Any = None, **keys: Any) -> Any:
    """Makes a function a task: `@task`, or `@task(retries=2, timeout="30s")`. `cache_for="ever"` has no end."""
    if function is None:
        return functools.partial(register, **keys)
    return register(function)


def register(function: F, name: Optional[str] = None, **keys: Any) -> F:
    """Adds it to the plugin's tasks."""
    if not inspect.isfunction(function):
        raise TypeError(f"a task is a function, not {function!r}")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError(f"the task `{function.__name__}` is a plain `def`: it runs in a sandbox of its own")
    name = name or function.__name__
    if name in registered and registered[name].function.__qualname__ != function.__qualname__:
        raise ValueError(f"two tasks are named `{name}`")
    registered[name] = declare(function, name, policy(function.__name__, **keys))
    return function


def declare(function: Callable[..., Any], name: str, of: Policy) -> Task:
    """Reads the signature. Raises TypeError for what has no type or cannot cross."""
    hints = typing.get_type_hints(function, include_extras=True)
    if "return" not in hints:
        raise TypeError(f"the task `{name}` does not say what it returns: write `-> None` where there is nothing")
    parameters = tuple(parameter(name, one, hints) for one in inspect.signature(function).parameters.values())
    returns = hints["return"]
    schema = schema_text(f"the result of the task `{name}`", returns)
    return Task(name, inspect.getdoc(function) or "", function, parameters, returns, schema, of)


def parameter(task_name: str, declared: inspect.Parameter, hints: dict[str, Any]) -> Parameter:
    """One parameter of the signature."""
    where = f"`{declared.name}` of the task `{task_name}`"
    if declared.kind in (declared.VAR_POSITIONAL, declared.VAR_KEYWORD, declared.POSITIONAL_ONLY):
        raise TypeError(f"{where} is no parameter with a name: arguments come by name")
    if declared.name not in hints:
        raise TypeError(f"{where} has no type: write `{declared.name}: str`, or whatever it is")
    hint = hints[declared.name]
    notes = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, str)]
    default = None
    if declared.default is not inspect.Parameter.empty:
        default = values.result(declared.default, hint)
    return Parameter(declared.name, "\n".join(notes), hint, schema_text(where, hint), default)


def schema_text(where: str, hint: Any) -> str:
    """The schema of a type as text."""
    try:
        return values.text(types.root_schema(hint))
    except TypeError as error:
        raise TypeError(f"{where}: {error}") from None


def policy(
    function: str,
    *,
    retries: Optional[int] = None,
    retry_delay: Optional[Duration] = None,
    retry_delays: Sequence[Duration] = (),
    backoff: float = 1.0,
    timeout: Optional[Duration] = None,
    cache_for: Optional[Duration] = None,
    tags: Sequence[str] = (),
    secrets: Sequence[str] = (),
    env: Sequence[str] = (),
    dirs: Sequence[str] = (),
    dirs_rw: Sequence[str] = (),
    http: Sequence[str] = (),
    clock: bool = False,
) -> Policy:
    """The keys of `@task` but the name."""
    delays = [retry_delay] if retry_delay is not None else list(retry_delays)
    if delays and retries is None:
        raise TypeError(f"`retry_delay` of the task `{function}` goes with `retries=…`")
    for_ever = cache_for == "ever"
    grants: list[tuple[str, Any]] = [("secret", name) for name in secrets] + [("env", name) for name in env]
    grants += [("http", host) for host in http]
    grants += [("dir", (name, False)) for name in dirs] + [("dir", (name, True)) for name in dirs_rw]
    return Policy(
        retries=retries,
        delays=tuple(milliseconds(delay) for delay in delays),
        backoff=backoff,
        timeout=None if timeout is None else milliseconds(timeout),
        cached=cache_for is not None,
        cache_ttl=None if cache_for is None or for_ever else milliseconds(cache_for),
        tags=tuple(tags),
        grants=tuple(grants + ([("clock", None)] if clock else [])),
    )
