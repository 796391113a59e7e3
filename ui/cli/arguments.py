"""The words of a command line: how each kind of argument reads, and what is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from string import hexdigits
from typing import Any, NoReturn

from ui.cli.terminal import WRONG_INPUT

FIRST_YEAR, LAST_YEAR = 1971, 2199  # of what a log's times can be


def positive(text: str) -> float:
    """A number above 0."""
    return _number(text, float("inf"), "must be a number above 0")


def plant_seconds(text: str) -> float:
    """A span of plant time [s]."""
    return _number(text, 1e9, "must be a number of seconds above 0 and below 1e9")


def _number(text: str, below: float, limit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < below:
        raise argparse.ArgumentTypeError(f"{text}: {limit}")
    return value


def number_of_runs(text: str) -> int:
    """How often a plant is run."""
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text}: must be a whole number from 1 to 1000")
    return int(text)


def seed_number(text: str) -> int:
    """The seed of a run."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text}: must be a whole number, 0 or above")
    return int(text)


def file_path(text: str) -> Path:
    """The name of a file, which need not exist."""
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r}: must be the name of a file")
    return Path(text)


def endpoint_url(text: str) -> str:
    """Where an OPC UA server listens, opc.tcp://HOST:PORT."""
    from data.line_schema import opcua_url

    try:
        return opcua_url(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text}: {fault}") from None


def fingerprint(text: str) -> str:
    """Of a certificate, as people copy it: with colons, spaces or neither."""
    digits = text.replace(":", "").replace(" ", "")
    if len(digits) != 64 or not all(digit in hexdigits for digit in digits):
        raise argparse.ArgumentTypeError(
            f"{text}: must be a SHA-256 fingerprint, 64 hexadecimal digits"
        )
    return text


def replay_speed(text: str) -> str | float:
    """Plant seconds per second, or max."""
    return text if text == "max" else positive(text)


def moment(text: str) -> str:
    """A time as ISO 8601 says it; read by `plant_time`."""
    try:
        year = datetime.fromisoformat(text).year
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text}: must be a time such as 2026-03-02T06:00 (plant time) or with an offset"
        ) from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(
            f"{text}: must lie in the years {FIRST_YEAR} to {LAST_YEAR}"
        )
    return text


class Parser(argparse.ArgumentParser):
    """Says wrong use in one line."""

    def error(self, message: str) -> NoReturn:
        """One clear line, exit status 2."""
        self.exit(WRONG_INPUT, f"{self.prog}: {message}; see {self.prog} --help\n")


def add_command(commands: Any, name: str, run: Callable[..., int], text: str) -> Any:
    """One command of the program; ``text`` says in half a sentence what it does."""
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=run)
    return command


def add_language(command: argparse.ArgumentParser) -> None:
    """Adds --language."""
    command.add_argument("--language", choices=("en", "zh"), help="of what is shown")


def add_shot(command: argparse.ArgumentParser) -> None:
    """Adds --shot."""
    command.add_argument(
        "--shot",
        type=file_path,
        metavar="FILE",
        help="after --duration (30 s) a picture, with {screen} in FILE one of each screen; then"
        " the end",
    )
