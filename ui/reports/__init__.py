"""A report as a file to hand on: JSON, HTML, XLSX or PDF, by the file's ending.

Only the PDF needs Qt, and loads it then.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from data.line import Line
from twin.report import Report, to_json
from ui.reports.words import Language

ENDINGS = (".json", ".html", ".xlsx", ".pdf")


class UnknownEnding(ValueError):
    """A report's file has an ending that no format belongs to."""


def check_report_path(path: Path) -> None:
    """Raises UnknownEnding unless the ending says which format is wanted."""
    if path.suffix.lower() not in ENDINGS:
        raise UnknownEnding(f"{path}: a report is {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")


def write_report(report: Report, line: Line, path: Path, language: Language) -> None:
    """Writes a report in the format of the file's ending; the file is whole or not there.

    ``report`` as twin.report.build made it, of ``line``. Raises UnknownEnding; OSError where the
    file cannot be written, and then leaves what was there before.
    """
    check_report_path(path)
    replace_file(path, _FORMATS[path.suffix.lower()](report, line, language))


def _json(report: Report, _line: Line, _language: Language) -> bytes:
    return to_json(report)


def _html(report: Report, line: Line, language: Language) -> bytes:
    from ui.reports.html import to_html

    return to_html(report, line, language)


def _xlsx(report: Report, line: Line, language: Language) -> bytes:
    from ui.reports.xlsx import to_xlsx

    return to_xlsx(report, line, language)


def _pdf(report: Report, line: Line, language: Language) -> bytes:
    from ui.reports.pdf import to_pdf

    return to_pdf(report, line, language)


_FORMATS: dict[str, Callable[[Report, Line, Language], bytes]] = dict(
    zip(ENDINGS, (_json, _html, _xlsx, _pdf), strict=True)
)


def replace_file(path: Path, content: bytes) -> None:
    """Writes beside the file, then takes its place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise OSError(f"{path}: cannot be written: {fault.strerror}") from fault
