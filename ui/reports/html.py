"""The report as one HTML file: no scripts, nothing fetched, prints on A4."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from data.line import Line
from twin.report import Report
from ui.reports.blocks import SHORT, Bars, Block, Document, Note, Table
from ui.reports.content import document
from ui.reports.words import Language


def to_html(report: Report, line: Line, language: Language) -> bytes:
    """The report of ``line`` as UTF-8 HTML."""
    return render(document(report, line, language))


def render(page: Document) -> bytes:
    """A document as UTF-8 HTML."""
    return _template().render(page=page).encode()


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("ui.reports", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"kind": _kind, "short": SHORT}
    return environment.get_template("report.html")


def _kind(block: Block) -> str:
    """Which macro draws a block."""
    match block:
        case Table():
            return "table"
        case Bars():
            return "bars"
        case Note():
            return "note"
