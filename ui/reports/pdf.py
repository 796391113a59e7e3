"""The report on pages of A4, drawn by Qt: as a PDF, on a printer, as pictures to look at."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QImage,
    QPagedPaintDevice,
    QPdfWriter,
    QPen,
)

from data.line import Line
from twin.report import Report
from ui.reports.blocks import SHORT, Bar, Bars, Block, Column, Document, Note, Table, Tile
from ui.reports.content import document
from ui.reports.paper import FOOT_PT as _FOOT_PT
from ui.reports.paper import PT as _PT
from ui.reports.paper import RESOLUTION, DevicePaper, Paper, PicturePaper, a4
from ui.reports.words import Language
from ui.theme import FAMILIES, LIGHT

_TITLE_PT, _HEAD_PT, _TEXT_PT, _SMALL_PT, _FIGURE_PT = 18.0, 12.0, 8.5, 7.5, 14.0
_LEADING = 1.35
_GAP = 16.0 * _PT  # between two columns
_INK, _SOFT, _RULE, _GRID = LIGHT.ink, LIGHT.soft, LIGHT.rule, LIGHT.grid
_BAR = LIGHT.series[0]
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MISSED = ("above", "below")
_WORD = re.compile(r"[^\s\u2e80-\uffef]+")  # Chinese breaks after every character


def to_pdf(report: Report, line: Line, language: Language) -> bytes:
    """The report of ``line`` as PDF; makes a QGuiApplication for itself where there is none."""
    return print_document(document(report, line, language))


def print_document(page: Document) -> bytes:
    """A document as PDF, with a QGuiApplication of its own where there is none."""
    with _application():
        total = _total(page)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        _Sheet(page, total, DevicePaper(_writer(buffer, page))).draw()
        buffer.close()
        return bytes(buffer.data().data())


def to_pages(page: Document, width_px: int) -> list[QImage]:
    """A report's pages as pictures of this width; the application is there already."""
    paper = PicturePaper(width_px)
    _Sheet(page, _total(page), paper).draw()
    return paper.pages


def print_on(device: QPagedPaintDevice, page: Document) -> None:
    """Draws a report on a printer of RESOLUTION, whose page is a4()."""
    _Sheet(page, _total(page), DevicePaper(device)).draw()


def _total(page: Document) -> int:
    """How many pages a report has."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return _Sheet(page, None, DevicePaper(_writer(buffer, page))).draw()


@contextmanager
def _application() -> Iterator[None]:
    """There must be one for fonts; ours needs no screen, and goes again."""
    if QGuiApplication.instance() is not None:
        yield
        return
    arguments = ["greenline"]
    if sys.platform.startswith("linux") and "QT_QPA_PLATFORM" not in os.environ:
        arguments += ["-platform", "offscreen"]
    application = QGuiApplication(arguments)
    try:
        yield
    finally:
        application.shutdown()


class _Sheet:
    """A report on its way onto pages; ``at`` is where the next thing goes, from the top.

    All lengths are in the device's dots; ``pages`` is not known yet in the first pass.
    """

    def __init__(self, page: Document, pages: int | None, paper: Paper) -> None:
        self._page, self._pages, self._paper = page, pages, paper
        self._painter = paper.painter
        self._wide = paper.wide
        self._high = paper.high - _FOOT_PT * _PT
        self._at = 0.0
        self._number = 1

    def draw(self) -> int:
        """Draws it all; gives how many pages it takes."""
        self._header()
        self._tiles(self._page.tiles)
        for section in self._page.sections:
            self._section(section.title, section.blocks)
        self._digest()
        self._footer()
        self._paper.end()
        return self._number

    # --- text ---------------------------------------------------------------------------------

    def _write(
        self,
        box: QRectF,
        text: str,
        *,
        size: float = _TEXT_PT,
        color: str = _INK,
        bold: bool = False,
        flags: int | None = None,
    ) -> None:
        self._painter.setFont(_font(size, bold))
        self._painter.setPen(QColor(color))
        wrap = self._wrap(text, box.width())
        self._painter.drawText(box, (int(_LEFT) if flags is None else flags) | wrap, text)

    def _wrap(self, text: str, wide: float) -> int:
        """At words, else anywhere: an id has no words."""
        metrics = self._painter.fontMetrics()
        fits = all(metrics.horizontalAdvance(word) <= wide for word in _WORD.findall(text))
        return int(Qt.TextFlag.TextWordWrap if fits else Qt.TextFlag.TextWrapAnywhere)

    def _height(
        self, text: str, wide: float, *, size: float = _TEXT_PT, bold: bool = False
    ) -> float:
        """Of a text broken to a width, with its leading."""
        self._painter.setFont(_font(size, bold))
        # A hair less: what just fits here may break where it is drawn.
        room = QRectF(0, 0, wide - 0.5 * _PT, 1e6)
        flags = int(Qt.AlignmentFlag.AlignLeft) | self._wrap(text, room.width())
        found = self._painter.boundingRect(room, flags, text)
        return max(found.height(), size * _PT) + size * (_LEADING - 1) * _PT

    def _paragraph(self, text: str, *, size: float, color: str = _INK, bold: bool = False) -> None:
        high = self._height(text, self._wide, size=size, bold=bold)
        self._room(high)
        self._write(QRectF(0, self._at, self._wide, high), text, size=size, color=color, bold=bold)
        self._at += high

    def _rule(self, y: float, color: str = _GRID, width_pt: float = 0.5) -> None:
        self._painter.fillRect(QRectF(0, y, self._wide, width_pt * _PT), QColor(color))

    # --- pages --------------------------------------------------------------------------------

    def _room(self, high: float) -> bool:
        """Begins a page where less than ``high`` is left; did it?"""
        if self._at + high <= self._high or self._at == 0.0:
            return False
        self._footer()
        self._paper.new_page()
        self._number += 1
        self._at = 0.0
        return True

    def _footer(self) -> None:
        box = QRectF(0, self._high, self._wide, _FOOT_PT * _PT)
        down = int(Qt.AlignmentFlag.AlignBottom)
        title = f"{self._page.title} – {self._page.plant}"
        self._write(box, title, size=_SMALL_PT, color=_SOFT, flags=down)
        number = f"{self._number} / {self._pages or 99}"
        right = down | int(Qt.AlignmentFlag.AlignRight)
        self._write(box, number, size=_SMALL_PT, color=_SOFT, flags=right)

    # --- parts --------------------------------------------------------------------------------

    def _header(self) -> None:
        page = self._page
        self._paragraph(page.title, size=_TITLE_PT, bold=True)
        self._paragraph(page.sentence, size=_TEXT_PT, color=_SOFT)
        self._at += 3 * _PT
        self._rule(self._at, LIGHT.accent, 1.5)
        self._at += 8 * _PT
        label_wide = max(self._width(label) for label, _ in page.facts) + 12 * _PT
        for label, value in page.facts:
            high = self._height(value, self._wide - label_wide)
            self._room(high)
            one = self._height(label, label_wide)
            self._write(QRectF(0, self._at, label_wide, one), label, color=_SOFT)
            self._write(QRectF(label_wide, self._at, self._wide - label_wide, high), value)
            self._at += high
        self._at += 8 * _PT

    def _width(self, text: str) -> float:
        self._painter.setFont(_font(_TEXT_PT))
        return self._painter.boundingRect(QRectF(0, 0, 1e6, 1e6), 0, text).width()

    def _tiles(self, tiles: Sequence[Tile]) -> None:
        gap, high = 6 * _PT, 58 * _PT
        wide = (self._wide - 3 * gap) / 4
        for number, tile in enumerate(tiles):
            if number % 4 == 0:
                self._room(high)
            self._tile(tile, QRectF(number % 4 * (wide + gap), self._at, wide, high))
            if number % 4 == 3 or number == len(tiles) - 1:
                self._at += high + gap

    def _tile(self, tile: Tile, box: QRectF) -> None:
        self._painter.fillRect(box, QColor(LIGHT.panel))
        missed = tile.verdict in _MISSED
        edge = LIGHT.warn if missed else LIGHT.accent if tile.verdict else _RULE
        self._painter.fillRect(QRectF(box.x(), box.y(), 3 * _PT, box.height()), QColor(edge))
        inner = box.adjusted(9 * _PT, 5 * _PT, -5 * _PT, -5 * _PT)
        line = _SMALL_PT * _LEADING * _PT
        self._write(_row(inner, 0, line), tile.label, size=_SMALL_PT, color=_SOFT)
        figure_high = _FIGURE_PT * _LEADING * _PT
        figure = _row(inner, line, figure_high)
        self._write(figure, tile.figure, size=_FIGURE_PT)
        used = self._painter.boundingRect(figure, 0, tile.figure).width() + 4 * _PT
        unit = figure.adjusted(used, 0, 0, -2 * _PT)
        bottom = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self._write(unit, tile.unit, size=_SMALL_PT, color=_SOFT, flags=bottom)
        y = line + figure_high
        if tile.note:
            color = LIGHT.warn if missed else _SOFT
            self._write(_row(inner, y, line), tile.note, size=_SMALL_PT, color=color)
            y += line
        self._write(_row(inner, y, line), tile.evidence, size=_SMALL_PT, color=_SOFT)

    def _section(self, title: str, blocks: Sequence[Block]) -> None:
        high = self._height(title, self._wide, size=_HEAD_PT, bold=True) + 6 * _PT
        first = min(self._block_height(blocks[0]), self._high / 2)
        if isinstance(blocks[0], Note) and len(blocks) > 1:
            first += min(self._block_height(blocks[1]), self._high / 2)
        self._at += 10 * _PT
        if self._room(high + first):
            self._at = 0.0
        self._paragraph(title, size=_HEAD_PT, bold=True, color=LIGHT.accent)
        self._rule(self._at + 1 * _PT, _RULE)
        self._at += 6 * _PT
        waiting: Bars | None = None
        for block in blocks:
            if isinstance(block, Bars) and block.half:
                if waiting is None:
                    waiting = block
                else:
                    self._side_by_side((waiting, block))
                    waiting = None
                continue
            if waiting is not None:
                self._side_by_side((waiting,))
                waiting = None
            self._block(block)
        if waiting is not None:
            self._side_by_side((waiting,))

    def _block(self, block: Block) -> None:
        match block:
            case Note(text, soft):
                size = _SMALL_PT if soft else _TEXT_PT
                self._paragraph(text, size=size, color=_SOFT if soft else _INK)
                self._at += 2 * _PT
            case Table():
                self._table(block)
            case Bars():
                self._bars(block)

    def _block_height(self, block: Block) -> float:
        match block:
            case Note(text, soft):
                return self._height(text, self._wide, size=_SMALL_PT if soft else _TEXT_PT)
            case Table():
                return self._table_height(block)
            case Bars():
                return self._bars_height(block)

    # --- tables -------------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        if len(table.rows) <= SHORT:
            self._room(self._table_height(table))
        else:
            self._room(self._title_height(table.title) + self._row_height(table, table.rows[0]) * 4)
        self._title(table.title)
        self._titles(table)
        for number, row in enumerate(table.rows):
            high = self._row_height(table, row)
            if self._room(high):
                self._titles(table)
            color = LIGHT.warn if number in table.marked else _INK
            self._cells(table.columns, row, high, color=color)
            self._rule(self._at)
        self._at += 6 * _PT

    def _titles(self, table: Table) -> None:
        titles = tuple(column.title for column in table.columns)
        high = self._row_height(table, titles, size=_SMALL_PT)
        self._cells(table.columns, titles, high, color=_SOFT, size=_SMALL_PT)
        self._rule(self._at, _RULE)

    def _cells(
        self,
        columns: Sequence[Column],
        row: Sequence[str],
        high: float,
        *,
        color: str,
        size: float = _TEXT_PT,
    ) -> None:
        x = 0.0
        for column, wide, cell in zip(columns, self._widths(columns), row, strict=True):
            flags = int(_RIGHT if column.figures else _LEFT)
            box = QRectF(x, self._at, wide - 6 * _PT, high)
            self._write(box, cell, color=color, size=size, flags=flags)
            x += wide
        self._at += high

    def _widths(self, columns: Sequence[Column]) -> list[float]:
        """The last column ends at the margin: its padding lies outside."""
        unit = (self._wide + 6 * _PT) / sum(column.wide for column in columns)
        return [column.wide * unit for column in columns]

    def _row_height(self, table: Table, row: Sequence[str], size: float = _TEXT_PT) -> float:
        widths = self._widths(table.columns)
        heights = (
            self._height(cell, wide - 6 * _PT, size=size)
            for cell, wide in zip(row, widths, strict=True)
        )
        return max(heights) + 2 * _PT

    def _table_height(self, table: Table) -> float:
        titles = tuple(column.title for column in table.columns)
        rows = sum(self._row_height(table, row) for row in table.rows)
        head = self._row_height(table, titles, size=_SMALL_PT)
        return self._title_height(table.title) + head + rows + 6 * _PT

    def _title(self, title: str) -> None:
        if title:
            self._at += 4 * _PT
            self._paragraph(title, size=_TEXT_PT, bold=True)
            self._at += 1 * _PT

    def _title_height(self, title: str) -> float:
        if not title:
            return 0.0
        return self._height(title, self._wide, size=_TEXT_PT, bold=True) + 5 * _PT

    # --- bars ---------------------------------------------------------------------------------

    def _bars(self, bars: Bars) -> None:
        short = len(bars.bars) <= SHORT
        self._room(self._bars_height(bars) if short else self._title_height(bars.title) + 4 * _LINE)
        self._title(bars.title)
        for bar in bars.bars:
            self._room(_LINE)
            self._bar(bar, 0.0, self._wide, 0.30)
            self._at += _LINE
        if bars.total is not None:
            self._rule(self._at, _RULE)
            self._bar(Bar(*bars.total, "", 0.0), 0.0, self._wide, 0.30, bold=True)
            self._at += _LINE
        self._at += 6 * _PT

    def _bars_height(self, bars: Bars) -> float:
        lines = len(bars.bars) + (bars.total is not None)
        return self._title_height(bars.title) + lines * _LINE + 6 * _PT

    def _side_by_side(self, pair: Sequence[Bars]) -> None:
        """One or two lists of bars in the halves of the page."""
        high = max(self._bars_height(bars) for bars in pair)
        self._room(high)
        top, wide = self._at, (self._wide - _GAP) / 2
        for number, bars in enumerate(pair):
            x = number * (wide + _GAP)
            self._at = top + 4 * _PT
            self._write(QRectF(x, self._at, wide, _LINE), bars.title, bold=True)
            self._at += _LINE + 1 * _PT
            for bar in bars.bars:
                self._bar(bar, x, wide, 0.38)
                self._at += _LINE
        self._at = top + high

    def _bar(self, bar: Bar, x: float, wide: float, label: float, *, bold: bool = False) -> None:
        figure, share = 52 * _PT, 40 * _PT
        label_wide = wide * label
        self._write(QRectF(x, self._at, label_wide, _LINE), bar.label, bold=bold, flags=int(_ONE))
        track = wide - label_wide - figure - share
        box = QRectF(x + label_wide, self._at + 2 * _PT, track * bar.length, _LINE - 4 * _PT)
        if bar.negative:
            self._painter.setPen(QPen(QColor(LIGHT.alarm), 0.5 * _PT))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.drawRect(box)
        elif bar.length:
            self._painter.fillRect(box, QColor(_BAR))
        right = x + wide
        figures = QRectF(right - share - figure, self._at, figure, _LINE)
        self._write(figures, bar.figure, bold=bold, flags=int(_RIGHT))
        shares = QRectF(right - share, self._at, share, _LINE)
        self._write(shares, bar.share, color=_SOFT, flags=int(_RIGHT))

    def _digest(self) -> None:
        label, digest, meaning = self._page.digest
        self._at += 8 * _PT
        self._room(5 * _LINE)
        self._rule(self._at, _RULE)
        self._at += 4 * _PT
        self._paragraph(f"{label}  {digest}", size=_SMALL_PT)
        self._paragraph(meaning, size=_SMALL_PT, color=_SOFT)


_LINE = _TEXT_PT * 1.5 * _PT
_ONE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _row(box: QRectF, y: float, high: float) -> QRectF:
    return QRectF(box.x(), box.y() + y, box.width(), high)


def _writer(device: QBuffer, page: Document) -> QPdfWriter:
    writer = QPdfWriter(device)
    writer.setTitle(f"{page.title} – {page.plant}")
    writer.setCreator("Greenline")
    writer.setResolution(RESOLUTION)
    writer.setPageLayout(a4())
    return writer


def _font(size_pt: float, bold: bool = False) -> QFont:
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setPointSizeF(size_pt)
    font.setBold(bold)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
