"""Runs Qt Linguist's tools as they come with PySide6."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

UI = Path(__file__).parents[2] / "ui"
TS = UI / "translations" / "greenline_zh.ts"
QM = TS.with_suffix(".qm")


def update(ts: Path) -> None:
    """Brings a .ts file up to what the sources say now."""
    sources = [str(path) for path in sorted(UI.rglob("*.py"))]
    _run("lupdate", "-locations", "none", "-no-obsolete", *sources, "-ts", str(ts))


def release(ts: Path, qm: Path) -> None:
    """Compiles a .ts file."""
    _run("lrelease", str(ts), "-qm", str(qm))


def _run(tool: str, *arguments: str) -> None:
    call = f"from PySide6.scripts.pyside_tool import {tool}; {tool}()"
    subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv[0] = {tool!r}; {call}", *arguments],
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    update(TS)
    release(TS, QM)
