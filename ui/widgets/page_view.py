"""Pages of a report under one another, as wide as there is room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from ui.desk import Desk
from ui.theme import GAP_PX

WIDTH_PX = 1240  # of a page's picture: A4 at 150 dots per inch
MOST_PX = 900  # wider, a page is no longer read at a glance


class PageView(QScrollArea):
    """Shows pictures of pages; Page Up, Page Down and the arrows move them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._strip = _Strip(desk)
        self.setWidget(self._strip)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_pages(self, pages: Sequence[QImage]) -> None:
        """Takes the place of what was shown; where one has scrolled to stays."""
        self._strip.pages = tuple(pages)
        self._fit()

    @property
    def pages(self) -> tuple[QImage, ...]:
        """What is shown."""
        return self._strip.pages

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wide = min(self.viewport().width(), MOST_PX)
        self._strip.resize(wide, self._strip.height_at(wide))
        self._strip.update()


class _Strip(QWidget):
    """The pages, each with a border."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.pages: tuple[QImage, ...] = ()
        desk.look_changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return self.size()

    def height_at(self, wide: int) -> int:
        """Of all pages where each is so wide [px]."""
        return sum(_high(page, wide) + GAP_PX for page in self.pages)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QPen(self._desk.tokens.color("rule"), 1))
        top = 0
        for page in self.pages:
            box = QRect(0, top, self.width(), _high(page, self.width()))
            if box.intersects(event.rect()):
                painter.drawImage(box, page)
                painter.drawRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5))
            top += box.height() + GAP_PX
        painter.end()


def _high(page: QImage, wide: int) -> int:
    return round(wide * page.height() / page.width())
