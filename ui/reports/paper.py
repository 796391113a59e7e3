"""What a report is drawn on: a PDF, a printer, or pictures of its pages on the screen."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QImage, QPagedPaintDevice, QPageLayout, QPageSize, QPainter

RESOLUTION = 600  # dots per inch
PT = RESOLUTION / 72
MARGIN_PT, FOOT_PT = 40.0, 16.0
_A4_MM = (210.0, 297.0)
_MM = RESOLUTION / 25.4


class Paper(Protocol):
    """Sheets of equal size; all lengths in dots of RESOLUTION."""

    painter: QPainter
    wide: float  # between the margins
    high: float

    def new_page(self) -> None:
        """Goes on to a fresh sheet."""
        ...

    def end(self) -> None:
        """Nothing more is drawn."""
        ...


class DevicePaper:
    """The sheets of a QPdfWriter or QPrinter."""

    def __init__(self, device: QPagedPaintDevice) -> None:
        self._device = device
        self.painter = QPainter(device)
        self.wide, self.high = float(device.width()), float(device.height())

    def new_page(self) -> None:
        """Goes on to a fresh sheet."""
        self._device.newPage()

    def end(self) -> None:
        """Nothing more is drawn."""
        self.painter.end()


class PicturePaper:
    """Sheets as pictures, ``width_px`` wide with their margins."""

    def __init__(self, width_px: int) -> None:
        self.pages: list[QImage] = []
        self.wide = _A4_MM[0] * _MM - 2 * MARGIN_PT * PT
        self.high = _A4_MM[1] * _MM - (2 * MARGIN_PT - FOOT_PT) * PT
        self._width_px = width_px
        self.painter = QPainter()
        self.new_page()

    def new_page(self) -> None:
        """Goes on to a fresh sheet."""
        self.end()
        image = QImage(
            self._width_px,
            round(self._width_px * _A4_MM[1] / _A4_MM[0]),
            QImage.Format.Format_RGB32,
        )
        image.fill(0xFFFFFF)
        # Its dots are RESOLUTION's, so that fonts are as large as on paper; then all is made small.
        for set_dots in (image.setDotsPerMeterX, image.setDotsPerMeterY):
            set_dots(round(_MM * 1000))
        self.pages.append(image)
        self.painter.begin(image)
        self.painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        share = self._width_px / (_A4_MM[0] * _MM)
        self.painter.scale(share, share)
        self.painter.translate(MARGIN_PT * PT, MARGIN_PT * PT)

    def end(self) -> None:
        """Nothing more is drawn."""
        if self.painter.isActive():
            self.painter.end()


def a4() -> QPageLayout:
    """The page that reports are laid out for."""
    return QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4),
        QPageLayout.Orientation.Portrait,
        QMarginsF(MARGIN_PT, MARGIN_PT, MARGIN_PT, MARGIN_PT - FOOT_PT),
        QPageLayout.Unit.Point,
    )
