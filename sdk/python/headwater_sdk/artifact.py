"""Artifacts: bytes outside the journal, named by their content. Outside a component they live in this process's memory."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from typing import Any

from . import values
from .attempt import refusals
from .errors import Error

try:
    from wit_world.imports import artifacts as host
except ImportError:
    host = None

CHUNK_BYTES = 256 * 1024
"""What crosses at once: large enough that crossing costs little, small beside a sandbox's memory."""

kept: dict[str, bytes] = {}
"""What was written outside a component."""


@dataclasses.dataclass(frozen=True)
class Artifact:
    """Names bytes that the host keeps: a file in or out of a container, a large result."""

    digest: str = dataclasses.field(metadata={"key": "$artifact"})
    size: int
    media_type: str = ""
    name: str = ""

    @staticmethod
    def create(name: str, media_type: str = "application/octet-stream") -> "Writer":
        """A file to write into; its `finish()` gives the artifact."""
        return Writer(name, media_type)

    @staticmethod
    def write(name: str, content: bytes | str, media_type: str = "application/octet-stream") -> "Artifact":
        """Keeps these bytes, or this text as UTF-8."""
        writer = Artifact.create(name, media_type)
        writer.write(content.encode() if isinstance(content, str) else content)
        return writer.finish()

    def open(self) -> io.BufferedReader:
        """A file to read from: of an artifact among the task's arguments, or one that it made."""
        return io.BufferedReader(Reader(self), CHUNK_BYTES)

    def read(self) -> bytes:
        """All its bytes."""
        with self.open() as file:
            return file.read()

    def read_text(self) -> str:
        """All of it as UTF-8."""
        return self.read().decode()


class Reader(io.RawIOBase):
    """The host's reader as a file of Python's."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__()
        if host is None:
            if artifact.digest not in kept:
                raise Error(f"no artifact {artifact.digest} was written in this process", retryable=False)
            self._source: Any = io.BytesIO(kept[artifact.digest])
        else:
            with refusals():
                self._source = host.open(values.text(values.to_json(artifact)))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with refusals():
            chunk = self._source.read(min(len(buffer), CHUNK_BYTES))
        buffer[: len(chunk)] = chunk
        return len(chunk)


class Writer:
    """An artifact in the making."""

    def __init__(self, name: str, media_type: str) -> None:
        self._name, self._media_type = name, media_type
        self._target: Any = io.BytesIO() if host is None else host.Writer(name, media_type)

    def write(self, content: bytes) -> None:
        """Adds bytes."""
        for start in range(0, len(content), CHUNK_BYTES):
            with refusals():
                self._target.write(content[start : start + CHUNK_BYTES])

    def finish(self) -> Artifact:
        """The artifact, whole."""
        if host is None:
            content = self._target.getvalue()
            digest = "sha256:" + hashlib.sha256(content).hexdigest()
            kept[digest] = content
            return Artifact(digest, len(content), self._media_type, self._name)
        with refusals():
            made = json.loads(host.Writer.finish(self._target))
        return Artifact(made["$artifact"], made["size"], made.get("media_type", ""), made.get("name", ""))
