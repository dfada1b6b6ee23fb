"""`python -m headwater_sdk build plugin.py`."""

from __future__ import annotations

import argparse
import sys

from .build import BuildError, build, plugin_of


def main() -> int:
    """The exit code: 0, or 2 for what the user can do something about."""
    parser = argparse.ArgumentParser(prog="python -m headwater_sdk", description="Tasks for Headwater flows, in Python")
    verb = parser.add_subparsers(dest="verb", required=True).add_parser("build", help="make a component of a plugin")
    verb.add_argument("plugin", help="the Python file with the tasks")
    verb.add_argument("-o", "--output", help="the component (default: beside the file, with `.wasm`)")
    verb.add_argument("--name", help="the plugin's name (default: that of `pyproject.toml`, else the file's)")
    verb.add_argument("--requirements", metavar="FILE", help="its libraries (default: `requirements.txt` beside the file)")
    verb.add_argument("--path", action="append", default=[], metavar="DIR", help="a folder with further modules; may be given again")
    try:
        plugin = plugin_of(parser.parse_args())
        build(plugin)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{plugin.output} ({plugin.output.stat().st_size / 1_000_000:.1f} MB)")
    return 0


sys.exit(main())
