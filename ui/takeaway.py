"""What can be taken away from a screen: a chart as a picture, a chart or table as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from data.tables import TableError, write_table
from ui.models.base import TextTable
from ui.words import translate


@dataclass(frozen=True)
class Data:
    """Columns of equal length under their heads, units in these; ``name`` for a file."""

    name: str
    columns: Mapping[str, Sequence[object]] = field(default_factory=dict)

    def as_text(self) -> str:
        """Lines with tabs between, as sheets take them."""
        rows = zip(*self.columns.values(), strict=True)
        lines = [self.columns.keys(), *([("" if x is None else x) for x in row] for row in rows)]
        return "\n".join("\t".join(str(x) for x in line) for line in lines) + "\n"


def of_model(name: str, model: TextTable) -> Data:
    """What stands in a table, as it is shown."""
    rows = range(model.row_total())
    return Data(name, {c.head(): [c.cell(row) for row in rows] for c in model.columns})


def copy_data(data: Data) -> None:
    """Puts data on the clipboard."""
    QGuiApplication.clipboard().setText(data.as_text())


def copy_picture(picture: QPixmap) -> None:
    """Puts a picture on the clipboard."""
    QGuiApplication.clipboard().setPixmap(picture)


def write(path: Path, data: Data, picture: QPixmap | None) -> str | None:
    """Writes a picture (.png) or data (.csv, .xlsx, .parquet); what was wrong, in one line."""
    try:
        if path.suffix.lower() == ".png":
            if picture is None or not picture.save(str(path)):
                return translate("Takeaway", "{path} cannot be written").format(path=path)
            return None
        write_table(path, data.columns)
    except (TableError, OSError) as fault:
        return str(fault)
    return None


def save(parent: QWidget, data: Data, picture: QPixmap | None = None) -> None:
    """Asks for a file and writes it."""
    endings = ["CSV (*.csv)", "Excel (*.xlsx)", "Parquet (*.parquet)"]
    if picture is not None:
        endings.append("PNG (*.png)")
    title = translate("Takeaway", "Export")
    chosen, kind = QFileDialog.getSaveFileName(parent, title, data.name, ";;".join(endings))
    if not chosen:
        return
    path = Path(chosen)
    if not path.suffix:
        path = path.with_suffix(kind[kind.index("*") + 1 : -1])
    fault = write(path, data, picture)
    if fault is not None:
        QMessageBox.warning(parent, title, fault)


def fill_menu(menu: QMenu, parent: QWidget, data: Data, picture: QPixmap | None) -> None:
    """The ways to take something away."""
    if picture is not None:
        copy = menu.addAction(translate("Takeaway", "Copy as picture"))
        copy.triggered.connect(lambda: copy_picture(picture))
    copy = menu.addAction(translate("Takeaway", "Copy data"))
    copy.triggered.connect(lambda: copy_data(data))
    export = menu.addAction(translate("Takeaway", "Export … (Ctrl+E)"))
    export.triggered.connect(lambda: save(parent, data, picture))
