"""Tags as `packaging` 21.3 reads them: what is no version is an old one, and every tag has its place."""

from dataclasses import dataclass

import packaging
from headwater_sdk import task
from packaging.version import parse


@dataclass
class Reading:
    packaging: str
    ordered: list[str]
    refused: list[str]


@task
def read(tags: list[str]) -> Reading:
    """The tags, from the oldest to the newest."""
    print(f"packaging {packaging.__version__} reads {len(tags)} tags")
    return Reading(packaging.__version__, sorted(tags, key=parse), [])
