"""`verify`: is a log whole and unaltered."""

from __future__ import annotations

import argparse
from typing import Any

from ui.cli.arguments import add_command, file_path
from ui.cli.terminal import DONE, FAULTS_FOUND


def add_verify(commands: Any) -> None:
    """The command `verify`."""
    command = add_command(commands, "verify", _verify, "is a log whole and unaltered")
    command.add_argument("log", type=file_path, metavar="LOG")


def _verify(arguments: argparse.Namespace) -> int:
    from data.log_verify import verify

    verdict = verify(arguments.log)
    for fault in verdict.faults:
        print(f"{arguments.log}: changed or lost: {fault}")
    for note in verdict.notes:
        print(f"{arguments.log}: {note}")
    if verdict.faults:
        return FAULTS_FOUND
    print(f"{arguments.log}: nothing was changed or lost")
    return DONE
