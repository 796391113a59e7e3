"""`check`: every fault of a line file, or what it describes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli.arguments import add_command, add_language
from ui.cli.logs import books_of
from ui.cli.terminal import DONE, FAULTS_FOUND, say

if TYPE_CHECKING:
    from data.line import Line


def add_check(commands: Any) -> None:
    """The command `check`."""
    command = add_command(
        commands, "check", _check, "every fault of a line file, or what it describes"
    )
    command.add_argument("line", metavar="LINE")
    add_language(command)


def _check(arguments: argparse.Namespace) -> int:
    from data.line_file import LineFaults, NotALineFile, load_line
    from data.line_text import describe

    try:
        line = load_line(arguments.line)
    except NotALineFile:
        raise
    except LineFaults as faults:
        print(faults)
        return _found(len(faults.faults))
    print(describe(line, arguments.language or "en"), end="")
    for note in _book_notes(line, arguments):
        print(f"  {note}")
    print()
    wrong = _bill_faults(line, arguments.line)
    print("".join(f"{fault}\n" for fault in wrong), end="")
    return _found(len(wrong)) if wrong else DONE


def _found(count: int) -> int:
    say(f"{count} fault{'s' if count != 1 else ''}")
    return FAULTS_FOUND


def _bill_faults(line: Line, name: str) -> Sequence[str]:
    """What is wrong with the bills of material beside the line file."""
    from data.bom import boms_of

    path = Path(name)
    return boms_of(line, path.parent if path.is_file() else None)[1]


def _book_notes(line: Line, arguments: argparse.Namespace) -> Sequence[str]:
    """What the line's books leave open, and what is done instead."""
    from twin.book_notes import of_line
    from ui.reports.economy import note_text
    from ui.reports.words import Words

    words = Words(arguments.language or "en", line)
    notes = of_line(line, books_of(line, arguments.line))
    return [note_text(asdict(note), words) for note in notes]
