"""A Python plugin that tries all that a task may do, and some of what it may not."""

import dataclasses
import logging
import os
import random
import socket
import time
from typing import Any, Optional, Union

from headwater_sdk import Artifact, Error, Skip, heartbeat, secret, task, this_attempt


@dataclasses.dataclass
class Page:
    title: str
    words: list[str]
    note: Optional[str] = None


@task
def page(page: Page, more: Union[int, str] = 2) -> Page:
    return Page(page.title * more if isinstance(more, int) else page.title + more, page.words[::-1], page.note)


@task
def says() -> None:
    print("printed")
    logging.getLogger("words").warning("warned of %d", 3)
    logging.debug("whispered")


@task
def raises(what: str) -> None:
    try:
        {}[what]
    except KeyError as error:
        if what == "final":
            raise Error("no more of this", retryable=False, data={"what": what}) from error
        if what == "skip":
            raise Skip("nothing to do") from None
        raise ValueError(f"no {what}") from error


@task
def wrong_result() -> int:
    return "a text"


@task
def copies(text: Artifact) -> Artifact:
    return Artifact.write("copy.txt", text.read_text() * 2, "text/plain")


@task
def who() -> tuple[int, str]:
    heartbeat({"done": 1})
    attempt = this_attempt()
    return attempt.number, attempt.idempotency_key


@task(secrets=["token"])
def asks_for_secret() -> str:
    return secret("token")


@task
def machine(what: str) -> Any:
    if what == "file":
        return open("/etc/passwd").read()
    if what == "list":
        return os.listdir("/")
    if what == "socket":
        return socket.create_connection(("127.0.0.1", 80)).fileno()
    if what == "environment":
        return sorted(name for name in os.environ if not name.startswith("PYTHON"))
    if what == "clock":
        return time.time()
    if what == "random":
        return [random.random(), os.urandom(4).hex()]
    if what == "hash":
        return hash("a text")
    while True:
        pass
