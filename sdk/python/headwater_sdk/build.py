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
    program = componentize_py()
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        work = Path(folder)
        # Of the installed packages only this one goes along, whatever else lies beside it.
        package = Path(__file__).parent
        shutil.copytree(package, work / "sdk" / "headwater_sdk", ignore=shutil.ignore_patterns("__pycache__"))
        (work / "entry").mkdir()
        (work / "entry" / f"{ENTRY}.py").write_text(entry(plugin))
        paths = [work / "entry", work / "sdk", plugin.file.parent, *plugin.paths]
        if plugin.requirements is not None:
            install(plugin.requirements, work / "packages")
            paths.append(work / "packages")
        made = work / "plugin.wasm"
        command = ["--quiet", "--wit-path", str(contract()), "--world", "plugin", "componentize", ENTRY]
        for path in paths:
            command += ["--python-path", str(path)]
        componentize(program, [*command, "--output", str(made)], plugin)
        plugin.output.parent.mkdir(parents=True, exist_ok=True)
        # In place whole: somebody may be running the one before.
        beside = plugin.output.with_name(f"{plugin.output.name}.{os.getpid()}")
        shutil.copyfile(made, beside)
        os.replace(beside, plugin.output)


def entry(plugin: Plugin) -> str:
    """The module that componentize-py starts from."""
    return f'''
from headwater_sdk import chance

chance.install()

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


def componentize(program: list[str], arguments: list[str], plugin: Plugin) -> None:
    """Runs componentize-py. What the plugin raised while it was imported is told as Python tells it."""
    # Hashes are the same in each build, so that equal sources give equal results.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "RUST_BACKTRACE": "0", "RUST_LIB_BACKTRACE": "0"}
    environment.pop("VIRTUAL_ENV", None)
    code, said = run([*program, *arguments], environment)
    if code == 0:
        return
    raised = said.split("AssertionError: ", 1)[-1].split("\n\nCaused by:", 1)[0].strip()
    last = raised.splitlines()[-1] if raised else f"componentize-py ended with code {code}"
    told = f"\n{raised}" if last != raised and raised else ""
    raise BuildError(f"`{plugin.file.name}` does not build: {last}{told}")


def install(requirements: Path, folder: Path) -> None:
    """The libraries as pip picks them for the component's Python: what has no code of a processor's own."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    portable = ["--only-binary=:all:", "--platform", "any", "--implementation", "py", "--python-version", GUEST_PYTHON]
    portable += ["--abi", "none"]
    code, said = run([*pip, *portable, "--target", str(folder), "--requirement", str(requirements)], dict(os.environ))
    if code != 0:
        raise BuildError(
            f"the packages of `{requirements.name}` cannot be had\n{said}\n"
            "hint: what is written in C does not run in a component; what comes as sources only can be installed into a folder\n"
            "by hand (`pip install --target DIR`), and that be given with `--path DIR`"
        )


def run(command: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    """Its exit code, and what it says."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    return done.returncode, (done.stdout + done.stderr).strip()


def componentize_py() -> list[str]:
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
