"""The two interfaces that a plugin exports, over the tasks that were registered. Imported in a component only.

`build` writes the module that names this one, the plugin, and the package's name and version.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Sequence

from componentize_py_types import Err
from wit_world.imports import logging as host_logging
from wit_world.imports import manifest_types as manifest
from wit_world.imports import types as contract

from . import __version__
from .errors import Error, Misfit, Refused, Skip
from .task import Parameter, Task, registered
from .values import text

LEVELS = [
    (logging.ERROR, host_logging.Level.ERROR),
    (logging.WARNING, host_logging.Level.WARN),
    (logging.INFO, host_logging.Level.INFO),
    (logging.DEBUG, host_logging.Level.DEBUG),
]
GRANTS = {"http": manifest.Grant_Http, "secret": manifest.Grant_Secret, "env": manifest.Grant_Env, "dir": manifest.Grant_Dir}


class Lines(logging.Handler):
    """`logging` writes into the run's log."""

    def emit(self, record: logging.LogRecord) -> None:
        level = next((theirs for ours, theirs in LEVELS if record.levelno >= ours), host_logging.Level.TRACE)
        host_logging.log(level, record.name, self.format(record))


def describe(name: str, version: str) -> manifest.Manifest:
    """What this plugin holds."""
    tasks = [declaration(registered[name]) for name in sorted(registered)]
    return manifest.Manifest(name, version, f"headwater-sdk-python {__version__}", [], tasks)


def declaration(task: Task) -> manifest.Task:
    """One task."""
    policy = task.policy
    retry = None
    if policy.retries is not None:
        retry = contract.RetryPolicy(policy.retries, list(policy.delays), policy.backoff, 0.0, None)
    return manifest.Task(
        name=task.name,
        description=task.description,
        parameters=[parameter(one) for one in task.parameters],
        returns=task.returns_schema,
        body=manifest.TaskBody_Here(),
        grants=[manifest.Grant_Clock() if kind == "clock" else GRANTS[kind](what) for kind, what in policy.grants],
        retry=retry,
        timeout=policy.timeout,
        cache=contract.CachePolicy(policy.cache_ttl, None) if policy.cached else None,
        on_crash=None,
        tags=list(policy.tags),
    )


def parameter(one: Parameter) -> manifest.Parameter:
    """One parameter."""
    return manifest.Parameter(one.name, one.description, one.schema, one.default)


def run(name: str, arguments: str) -> str:
    """Runs a task; what it raises becomes the contract's failure."""
    if name not in registered:
        raise failed(contract.FailureKind.INVALID_INPUT, f"this plugin has no task `{name}`", retryable=False)
    task = registered[name]
    try:
        given = task.arguments(json.loads(arguments))
    except Misfit as error:
        raise failed(contract.FailureKind.INVALID_INPUT, str(error), retryable=False) from error
    try:
        value = task.function(**given)
    except Skip as error:
        raise failed(contract.FailureKind.SKIPPED, str(error), retryable=False) from error
    except Refused as error:
        raise failed(contract.FailureKind[error.kind], str(error), retryable=error.retryable) from error
    except Exception as error:
        raise returned(error) from error
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    try:
        return task.result(value)
    except Misfit as error:
        raise failed(contract.FailureKind.INVALID_RESULT, str(error), retryable=False) from error


def returned(error: Exception) -> Err:
    """The author's code raised it: the message and the causes for people, the traceback into the log."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        host_logging.log(host_logging.Level.ERROR, "traceback", line)
    chain: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(chain) < 32:
        chain.append(words(cause))
        cause = cause.__cause__ or cause.__context__
    retryable, data = (error.retryable, error.data) if isinstance(error, Error) else (True, None)
    shown = None if data is None else text(data)
    return failed(contract.FailureKind.RETURNED, words(error), retryable=retryable, chain=chain, data=shown)


def words(error: BaseException) -> str:
    """An exception in one line: ours in their own words, others with their type."""
    return str(error) if isinstance(error, Error) else "".join(traceback.format_exception_only(error)).strip()


def failed(
    kind: contract.FailureKind,
    message: str,
    *,
    retryable: bool,
    chain: Sequence[str] = (),
    data: str | None = None,
) -> Err:
    """The contract's failure, to be raised."""
    return Err(contract.Failure(kind, message, list(chain), retryable, None, data))


logging.basicConfig(level=logging.DEBUG, handlers=[Lines()], format="%(message)s", force=True)
