"""Tags as `packaging` 25.0 reads them: what is no version is an error."""

from dataclasses import dataclass

import packaging
from headwater_sdk import task
from packaging.version import InvalidVersion, parse


@dataclass
class Reading:
    packaging: str
    ordered: list[str]
    refused: list[str]


@task
def read(tags: list[str]) -> Reading:
    """The tags that are versions, from the oldest to the newest."""
    print(f"packaging {packaging.__version__} reads {len(tags)} tags")
    versions, refused = {}, []
    for tag in tags:
        try:
            versions[tag] = parse(tag)
        except InvalidVersion:
            refused.append(tag)
    return Reading(packaging.__version__, sorted(versions, key=versions.get), refused)
