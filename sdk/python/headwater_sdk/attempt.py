"""What a task can ask about its attempt, and say about its progress. Outside a component there are stand-ins, for tests."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple, Optional

from . import values
from .errors import Refused

try:
    from wit_world.imports import task_context as host
except ImportError:
    host = None

secrets_for_tests: dict[str, str] = {}
"""What `secret` answers outside a component."""


class Attempt(NamedTuple):
    """The present attempt of a task."""

    flow_run: str
    call: int
    element: Optional[int]
    """Of a map: which element."""
    number: int
    """1, 2, …"""
    idempotency_key: str
    """The same in every attempt of one call and element."""


def this_attempt() -> Attempt:
    """Which attempt this is. A task that asks is not cached unless its call has a cache key."""
    if host is None:
        return Attempt("native", 0, None, 1, "native")
    attempt = host.this_attempt()
    return Attempt(attempt.flow_run, attempt.call, attempt.element, attempt.number, attempt.idempotency_key)


def heartbeat(progress: Any) -> None:
    """Shows how far the attempt is. Once it is cancelled, it ends here."""
    shown = values.text(values.to_json(progress))
    if host is None:
        logging.getLogger(__name__).debug("heartbeat: %s", shown)
    else:
        host.heartbeat(shown)


def secret(name: str) -> str:
    """A secret that the task asks for (`@task(secrets=[…])`) and the operator allows."""
    if host is None:
        if name not in secrets_for_tests:
            raise Refused("NOT_GRANTED", f"the secret `{name}` is not in `secrets_for_tests`", retryable=False)
        return secrets_for_tests[name]
    with refusals():
        found: str = host.secret(name)
    return found


class refusals:
    """Turns the host's refusals into exceptions with words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: Any, _traceback: Any) -> None:
        failure = getattr(error, "value", None)
        if failure is not None and hasattr(failure, "retryable"):
            raise Refused(failure.kind.name, failure.message, failure.retryable) from None
