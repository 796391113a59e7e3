"""A small table of ready texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ui.desk import Desk
from ui.models.base import Column, TextTable


class RowsModel(TextTable):
    """Rows of texts under given heads; ``figures`` are the columns that hold figures."""

    def __init__(
        self, desk: Desk, heads: Sequence[Callable[[], str]], figures: frozenset[int]
    ) -> None:
        super().__init__(desk)
        self._rows: tuple[tuple[str, ...], ...] = ()
        self.columns = tuple(
            Column(head, number in figures, self._cell(number)) for number, head in enumerate(heads)
        )

    def row_total(self) -> int:
        """Rows."""
        return len(self._rows)

    def show_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Shows these; the same number of rows keeps what is selected."""
        new = tuple(rows)
        if new == self._rows:
            return
        if len(new) == len(self._rows):
            self._rows = new
            self.refresh()
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    def row(self, row: int) -> tuple[str, ...]:
        """The texts of a row."""
        return self._rows[row]

    def _cell(self, column: int) -> Callable[[int], str]:
        return lambda row: self._rows[row][column]
