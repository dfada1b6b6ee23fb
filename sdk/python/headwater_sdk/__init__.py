"""Tasks for Headwater flows, written in Python.

    from headwater_sdk import task

    @task(retries=2, retry_delay="1s")
    def count(text: str) -> dict[str, int]:
        ...

`python -m headwater_sdk build plugin.py` makes a component of it, which any flow calls by
`#[task(plugin = "…")]`. What a task may use of its host is here; the rest is plain Python.
"""

from .artifact import Artifact
from .attempt import Attempt, heartbeat, secret, this_attempt
from .errors import Error, Skip
from .task import Task, task

__all__ = ["Artifact", "Attempt", "Error", "Skip", "Task", "heartbeat", "secret", "task", "this_attempt"]
__version__ = "0.1.0"
