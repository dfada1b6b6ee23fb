"""From a plugin's Python file to a component: its libraries are gathered, then componentize-py makes the rest.

What is imported when the plugin is built is in the component; nothing is read from a file when a task runs.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, Optional, Sequence

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = None

COMPONENTIZE = "0.25.1"
"""The componentize-py that this SDK is written against."""
GUEST_PYTHON = "3.14"
"""The Python that it puts into a component: libraries are picked for that one."""
ENTRY = "headwater_entry"


class BuildError(Exception):
    """What the user can do something about."""


class Plugin(NamedTuple):
    """What is built."""

    file: Path
    output: Path
    name: str
    version: str
    requirements: Optional[Path]
    paths: list[Path]


def build(plugin: Plugin) -> None:
    """Makes the component. Raises BuildError."""
    program = componentize()
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        work = Path(folder)
        # Of the installed packages only this one goes along, whatever else lies beside it.
        shutil.copytree(Path(__file__).parent, work / "sdk" / "headwater_sdk", ignore=shutil.ignore_patterns("__pycache__"))
        (work / "entry").mkdir()
        (work / "entry" / f"{ENTRY}.py").write_text(entry(plugin))
        paths = [work / "entry", work / "sdk", plugin.file.parent, *plugin.paths]
        if plugin.requirements is not None:
            install(plugin.requirements, work / "packages")
            paths.append(work / "packages")
        made = work / "plugin.wasm"
        command = [*program, "--quiet", "--wit-path", str(contract()), "--world", "plugin", "componentize", ENTRY]
        for path in paths:
            command += ["--python-path", str(path)]
        # Hashes are the same in each build, so that equal sources give equal results.
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("VIRTUAL_ENV", None)
        said = run("componentize-py", [*command, "--output", str(made)], environment)
        if not made.is_file():
            raise BuildError(f"componentize-py made no component of `{plugin.file}`\n{said}")
        plugin.output.parent.mkdir(parents=True, exist_ok=True)
        # In place whole: somebody may be running the one before.
        beside = plugin.output.with_name(f"{plugin.output.name}.{os.getpid()}")
        shutil.copyfile(made, beside)
        os.replace(beside, plugin.output)


def entry(plugin: Plugin) -> str:
    """The module that componentize-py starts from."""
    return f'''
import {plugin.file.stem}
from headwater_sdk import component

DESCRIPTION = component.describe({plugin.name!r}, {plugin.version!r})
if not DESCRIPTION.tasks:
    raise SystemExit("`{plugin.file.name}` has no task: put `@task` above a function")


class Manifest:
    def describe(self):
        return DESCRIPTION


class Tasks:
    def run(self, task, input):
        return component.run(task, input)
'''


def install(requirements: Path, folder: Path) -> None:
    """The libraries as pip picks them for the component's Python: what has no code of a processor's own."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    portable = ["--only-binary=:all:", "--platform", "any", "--implementation", "py", "--python-version", GUEST_PYTHON]
    portable += ["--abi", "none"]
    said = run("pip", [*pip, *portable, "--target", str(folder), "--requirement", str(requirements)], dict(os.environ))
    if not folder.is_dir():
        raise BuildError(
            f"pip found no portable packages for `{requirements}`\n{said}\n"
            "a package that is written in C does not run in a component; one that comes as sources only can be installed "
            "into a folder by hand, and that be given with `--path`"
        )


def run(what: str, command: Sequence[str], environment: dict[str, str]) -> str:
    """Runs it; what it says is told where it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        raise BuildError(f"`{what}` ended with code {done.returncode}\n{said}")
    return said


def componentize() -> list[str]:
    """How componentize-py is started: from this Python's packages, or from the path."""
    if importlib.util.find_spec("componentize_py") is not None:
        return [sys.executable, "-c", "import componentize_py; componentize_py.script()"]
    found = shutil.which("componentize-py")
    if found is None:
        raise BuildError(f"componentize-py is not installed: `pip install componentize-py=={COMPONENTIZE}`")
    return [found]


def contract() -> Path:
    """The folder of the contract: in the package, or beside it in Headwater's sources."""
    package = Path(__file__).resolve().parent
    for folder in (package / "wit", package.parent.parent / "wit"):
        if (folder / "headwater.wit").is_file():
            return folder
    raise BuildError("this installation has no contract: `headwater_sdk/wit/headwater.wit` is missing; install the package again")


def plugin_of(arguments: argparse.Namespace) -> Plugin:
    """What the command line names, filled up from what lies beside the file."""
    file = Path(arguments.plugin).resolve()
    if not file.is_file():
        raise BuildError(f"there is no file `{arguments.plugin}`")
    if not re.fullmatch(r"[A-Za-z_]\w*\.py", file.name) or file.stem in (ENTRY, "headwater_sdk", "component", "wit_world"):
        raise BuildError(f"`{file.name}` cannot be imported as a module: name it as `words.py`")
    requirements = Path(arguments.requirements) if arguments.requirements else file.with_name("requirements.txt")
    if arguments.requirements and not requirements.is_file():
        raise BuildError(f"there is no file `{arguments.requirements}`")
    project = project_beside(file)
    return Plugin(
        file=file,
        output=Path(arguments.output) if arguments.output else file.with_suffix(".wasm"),
        name=arguments.name or project.get("name", file.stem),
        version=project.get("version", "0.0.0"),
        requirements=requirements if requirements.is_file() else None,
        paths=[Path(path).resolve() for path in arguments.path],
    )


def project_beside(file: Path) -> dict[str, str]:
    """Name and version of the package, where a `pyproject.toml` lies beside the file."""
    path = file.with_name("pyproject.toml")
    if tomllib is None or not path.is_file():
        return {}
    with path.open("rb") as text:
        project = tomllib.load(text).get("project", {})
    return {key: project[key] for key in ("name", "version") if isinstance(project.get(key), str)}
