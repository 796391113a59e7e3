"""CSV, XLSX and Parquet files as rows of cells, whatever their encoding and delimiter.

What a file is, its first bytes tell, not its name. Rows come one by one, so that a large file
takes no memory of its own.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import openpyxl

from data.toml_file import Fault, Faults

Cell = Any  # str, int, float, datetime, bool or None
Row = tuple[int, Sequence[Cell]]  # its number as a spreadsheet counts, and its cells
DELIMITERS = ",;\t|"
_HEAD_BYTES = 1 << 16
_LONGEST_CELL = 1 << 20
_BATCH_ROWS = 10_000


class TableFaults(Faults):
    """The first faults of tables: row, column, value, and what would be right."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that holds a table."""

    path: Path
    kind: str  # "csv", "xlsx" or "parquet"
    encoding: str | None  # of a CSV, as its content tells
    size: int  # bytes

    def header(self, encoding: str | None, delimiter: str | None) -> tuple[str, ...]:
        """The names of the columns; the two are of a CSV, None: as its content tells."""
        rows = self.rows(encoding, delimiter)
        try:
            return tuple("" if cell is None else str(cell).strip() for cell in next(rows)[1])
        except StopIteration:
            raise table_fault(self.path, "is empty: there is no row with column names") from None
        finally:
            rows.close()  # type: ignore[attr-defined]

    def rows(self, encoding: str | None, delimiter: str | None) -> Iterator[Row]:
        """All rows, the one with the names first."""
        match self.kind:
            case "csv":
                return self._csv_rows(encoding or self.encoding or "utf-8-sig", delimiter)
            case "xlsx":
                return self._xlsx_rows()
            case _:
                return self._parquet_rows()

    def _csv_rows(self, encoding: str, delimiter: str | None) -> Iterator[Row]:
        if codecs.lookup(encoding).name == "utf-8":
            encoding = "utf-8-sig"
        csv.field_size_limit(_LONGEST_CELL)
        with self.path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter or self._delimiter(encoding))
            try:
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        yield reader.line_num, cells
            except UnicodeDecodeError as error:
                limit = f"is not {encoding} text behind row {reader.line_num}: {error.reason}"
                raise table_fault(self.path, limit) from None
            except csv.Error as error:
                line = reader.line_num
                raise table_fault(self.path, f"is not a table at row {line}: {error}") from None

    def _delimiter(self, encoding: str) -> str:
        """The one that the first line has most of, outside quotes."""
        with self.path.open(encoding=encoding, errors="replace", newline="") as file:
            head = file.readline(_HEAD_BYTES)
            while head and not head.strip():
                head = file.readline(_HEAD_BYTES)
        unquoted = "".join(head.split('"')[::2])
        return max(DELIMITERS, key=unquoted.count)

    def _xlsx_rows(self) -> Iterator[Row]:
        with self.path.open("rb") as file:
            yield from self._sheet_rows(file)

    def _sheet_rows(self, file: IO[bytes]) -> Iterator[Row]:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (BadZipFile, KeyError, ValueError, TypeError, EOFError, OSError) as error:
            raise table_fault(self.path, f"is not an XLSX workbook: {error}") from None
        try:
            if not book.worksheets:
                raise table_fault(self.path, "is empty: there is no sheet")
            for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
                if any(cell is not None and cell != "" for cell in cells):
                    yield number, cells
        finally:
            book.close()

    def _parquet_rows(self) -> Iterator[Row]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as file:
                yield 1, file.schema_arrow.names
                number = 2
                for batch in file.iter_batches(_BATCH_ROWS):
                    columns = [_cells(column) for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        yield number, cells
                        number += 1
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise table_fault(self.path, f"is not a Parquet file: {error}") from None


def open_table(path: str | Path) -> TableFile:
    """Recognises a file; TableFaults if it holds no table, OSError if it cannot be read."""
    path = Path(path)
    if path.is_dir():
        raise table_fault(path, "is a folder; name a CSV, Parquet or XLSX file")
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip():
        raise table_fault(path, "is empty: there is no row with column names")
    if head.startswith(b"PK\x03\x04"):
        return TableFile(path, "xlsx", None, size)
    if head.startswith(b"PAR1"):
        return TableFile(path, "parquet", None, size)
    return TableFile(path, "csv", _encoding(path, head), size)


def table_fault(path: Path, limit: str) -> TableFaults:
    """The one fault of a file as a whole."""
    return TableFaults(
        [Fault(where=str(path), line=None, path="", id=None, value=None, limit=limit)]
    )


def _encoding(path: Path, head: bytes) -> str:
    """UTF-8 if the whole file is, else GB 18030 (which GBK is a part of)."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16")):
        if head.startswith(mark):
            return name
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16"
    if b"\0" in head:
        raise table_fault(path, "is not a table: it is neither text nor XLSX nor Parquet")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _cells(column: Any) -> list[Cell]:
    """Python values; timestamps as int64 nanoseconds lose nothing that a datetime would."""
    return list(column.to_pylist())
