"""Bytes of a PublishResponse to SAMPLE rows, one block at a time.

Three ways lead over the monitored items, with the same outcome: a numpy view where all items of a
message are laid out alike, a compiled scan for mixed scalars and texts, and a plain-Python reader
for everything that OPC UA allows. The last also serves while the scan compiles, or where it cannot.
Layouts: OPC UA Part 6, 5.2 (binary encoding) and Part 4, 5.13.5 (Publish).

Arrays, extension objects and node ids carry no value that a signal could have: such rows come
with ValueType.NONE and Flag.REFUSED. So does a text longer than MAX_TEXT_BYTES.
"""

from __future__ import annotations

import struct
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.samples import SAMPLE, Flag, Samples, TextTable, ValueType

# One monitored item as it is on the wire: ``bits`` holds a scalar's little-endian bytes;
# ``start`` and ``size`` say where in the message a text lies.
RAW = np.dtype(
    [
        ("handle", "<u4"),
        ("status", "<u4"),
        ("type", "u1"),  # OPC UA built-in type id, or REFUSED_TYPE
        ("bits", "<u8"),
        ("source", "<i8"),  # 100 ns since 1601
        ("server", "<i8"),
        ("start", "<i8"),
        ("size", "<i8"),
    ]
)
Raw = NDArray[np.void]
Bytes = NDArray[np.uint8]
Scan = Callable[[Bytes, int, int, int, int, Raw], tuple[int, int]]

REFUSED = np.uint8(Flag.REFUSED)
MAX_TEXT_BYTES = 4096
MAX_DEPTH = 16  # of variants within variants
REFUSED_TYPE = 255
NULL, BOOLEAN, SBYTE, BYTE, INT16, UINT16, INT32, UINT32, INT64, UINT64 = range(10)
FLOAT, DOUBLE, STRING, DATETIME, GUID, BYTESTRING, XML, NODEID, EXPANDED = range(10, 19)
STATUS, QUALIFIED_NAME, LOCALIZED_TEXT, EXTENSION, DATA_VALUE, VARIANT, DIAGNOSTIC = range(19, 26)
# Bytes of a scalar; 0 is none, -1 is anything else.
WIDTHS = (0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, -1, 8, 16) + (-1,) * 4 + (4,) + (-1,) * 6

EPOCH_TICKS = 116_444_736_000_000_000  # 1970 in 100 ns since 1601
# 1677 and 2262, where int64 nanoseconds begin and end.
FIRST_TICKS, LAST_TICKS = EPOCH_TICKS - 2**63 // 100, EPOCH_TICKS + 2**63 // 100

DATA_CHANGE_ID, STATUS_CHANGE_ID = 811, 820
PUBLISH_RESPONSE_ID, SERVICE_FAULT_ID = 829, 397

_U16, _U32, _I32, _I64 = (struct.Struct(code) for code in ("<H", "<I", "<i", "<q"))
_HEADER = struct.Struct("<qII")  # time, request handle, service result


class MalformedError(ValueError):
    """Bytes that no PublishResponse can have."""


class FaultError(Exception):
    """The server answered a publish request with a fault."""

    def __init__(self, status: int) -> None:
        super().__init__(f"service fault 0x{status:08X}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Publication:
    """One PublishResponse; ``items`` is empty in a keep-alive.

    ``ended`` is the status with which the server says that the subscription is over, else None.
    """

    subscription: int
    sequence: int
    keep_alive: bool
    items: Raw
    ended: int | None


class Reader:
    """A cursor over one message that never leaves it."""

    def __init__(self, data: bytes, position: int = 0, end: int | None = None) -> None:
        self.data = data
        self.position = position
        self.end = len(data) if end is None else end

    def skip(self, count: int) -> int:
        """Steps over ``count`` bytes; gives where they began."""
        start = self.position
        if not 0 <= count <= self.end - start:
            raise MalformedError(f"{count} bytes wanted at {start}, {self.end - start} are left")
        self.position = start + count
        return start

    def byte(self) -> int:
        """An unsigned byte."""
        return self.data[self.skip(1)]

    def u16(self) -> int:
        """An unsigned 16-bit integer."""
        return int(_U16.unpack_from(self.data, self.skip(2))[0])

    def u32(self) -> int:
        """An unsigned 32-bit integer."""
        return int(_U32.unpack_from(self.data, self.skip(4))[0])

    def i32(self) -> int:
        """A signed 32-bit integer."""
        return int(_I32.unpack_from(self.data, self.skip(4))[0])

    def i64(self) -> int:
        """A signed 64-bit integer."""
        return int(_I64.unpack_from(self.data, self.skip(8))[0])

    def span(self) -> tuple[int, int]:
        """Start and size of a string or byte string; a null one has size -1."""
        size = self.i32()
        return (self.skip(size), size) if size >= 0 else (self.position, -1)

    def count(self, least: int) -> int:
        """Length of an array whose elements take at least ``least`` bytes each; null is 0."""
        number = self.i32()
        if number > (self.end - self.position) // least:
            raise MalformedError(f"an array of {number} elements does not fit the message")
        return max(number, 0)

    def node_id(self) -> tuple[int, int | None]:
        """Namespace and numeric identifier of a NodeId; None where it is not numeric."""
        encoding = self.byte()
        namespace, number = self._plain_node_id(encoding & 0x3F)
        if encoding & 0x80:
            self.span()
        if encoding & 0x40:
            self.skip(4)
        return namespace, number

    def _plain_node_id(self, kind: int) -> tuple[int, int | None]:
        if kind == 0:
            return 0, self.byte()
        if kind == 1:
            return self.byte(), self.u16()
        namespace = self.u16()
        if kind == 2:
            return namespace, self.u32()
        if kind == 4:
            self.skip(16)
        elif kind in (3, 5):
            self.span()
        else:
            raise MalformedError(f"node id encoding {kind} is unknown")
        return namespace, None

    def extension(self) -> tuple[int | None, int, int]:
        """Type id (in namespace 0), start and end of an ExtensionObject's body."""
        namespace, number = self.node_id()
        encoding = self.byte()
        if encoding > 2:
            raise MalformedError(f"extension object encoding {encoding} is unknown")
        start, size = self.span() if encoding else (self.position, 0)
        return (number if namespace == 0 else None), start, start + max(size, 0)

    def diagnostic(self, depth: int = 0) -> None:
        """Steps over a DiagnosticInfo."""
        _check_depth(depth)
        mask = self.byte()
        self.skip(4 * (mask & 0x0F).bit_count())
        if mask & 0x10:
            self.span()
        if mask & 0x20:
            self.skip(4)
        if mask & 0x40:
            self.diagnostic(depth + 1)

    def text_of(self, kind: int) -> tuple[int, int]:
        """Span of the text in a scalar of a type that has one."""
        if kind == QUALIFIED_NAME:
            self.skip(2)
        elif kind == LOCALIZED_TEXT:
            mask = self.byte()
            if mask & 1:
                self.span()
            return self.span() if mask & 2 else (self.position, -1)
        return self.span()

    def step_over(self, kind: int, depth: int) -> None:
        """Steps over a scalar of any built-in type."""
        width = WIDTHS[kind] if kind < len(WIDTHS) else -1
        if width >= 0:
            self.skip(width)
        elif kind in (NODEID, EXPANDED):
            self.node_id()
        elif kind == EXTENSION:
            self.extension()
        elif kind == DATA_VALUE:
            self.data_value(np.zeros(1, RAW), 0, depth + 1)
        elif kind == VARIANT:
            self.variant(depth + 1)
        elif kind == DIAGNOSTIC:
            self.diagnostic(depth + 1)
        else:  # types 26 to 31 are byte strings
            self.text_of(kind)

    def array(self, kind: int, has_dimensions: bool, depth: int) -> None:
        """Steps over an array; its elements take room, so its length is bounded by the bytes."""
        width = WIDTHS[kind] if kind < len(WIDTHS) else -1
        if width == 0:
            raise MalformedError("an array of nulls")
        number = self.count(max(width, 1))
        if width > 0:
            self.skip(width * number)
        else:
            for _ in range(number):
                self.step_over(kind, depth)
        if has_dimensions:
            self.skip(4 * self.count(4))

    def variant(self, depth: int = 0) -> tuple[int, int, int, int]:
        """Built-in type, bits, and span of the text of a Variant."""
        _check_depth(depth)
        encoding = self.byte()
        kind = encoding & 0x3F
        if kind > 31:
            raise MalformedError(f"variant type {kind} is unknown")
        if encoding & 0x80:
            self.array(kind, bool(encoding & 0x40), depth)
        elif encoding & 0x40:
            raise MalformedError("a scalar with dimensions")
        elif kind in (STRING, BYTESTRING, XML, QUALIFIED_NAME, LOCALIZED_TEXT):
            return kind, 0, *self.text_of(kind)
        elif kind == GUID:
            return kind, 0, self.skip(16), 16
        elif kind < len(WIDTHS) and WIDTHS[kind] >= 0:
            start = self.skip(WIDTHS[kind])
            return kind, int.from_bytes(self.data[start : self.position], "little"), 0, 0
        else:
            self.step_over(kind, depth)
        return REFUSED_TYPE, 0, 0, 0

    def data_value(self, out: Raw, index: int, depth: int = 0, handle: int = 0) -> None:
        """Reads a DataValue into ``out[index]``."""
        _check_depth(depth)
        mask = self.byte()
        kind, bits, start, size = self.variant(depth) if mask & 1 else (NULL, 0, 0, 0)
        status = self.u32() if mask & 2 else 0
        source = self.i64() if mask & 4 else 0
        if mask & 16:
            self.skip(2)
        server = self.i64() if mask & 8 else 0
        if mask & 32:
            self.skip(2)
        out[index] = (handle, status, kind, bits, source, server, start, size)


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise MalformedError(f"values nested deeper than {MAX_DEPTH}")


def scan_items(
    data: Bytes, position: int, end: int, first: int, count: int, out: Raw
) -> tuple[int, int]:
    """Reads monitored items ``first`` to ``count`` from ``position`` on into ``out``.

    Stops before the first one that is neither a scalar nor a String; gives its number and where
    it begins. The position is -1 where the bytes end within an item. Plain Python and the
    compiled function are this same text.
    """
    index = first
    while index < count:
        begin = position
        if position + 5 > end:
            return index, -1
        bits = np.uint64(0)
        for k in range(4):
            bits |= np.uint64(data[position + k]) << np.uint64(8 * k)
        out[index]["handle"] = bits
        mask = data[position + 4]
        position += 5
        kind = np.int64(0)
        bits = np.uint64(0)
        start = 0
        size = np.int64(0)
        if mask & 1:
            if position + 1 > end:
                return index, -1
            kind = np.int64(data[position])
            position += 1
            if kind == 0:
                width = 0
            elif kind <= 3:
                width = 1
            elif kind <= 5:
                width = 2
            elif kind == 6 or kind == 7 or kind == 10 or kind == 12 or kind == 19:
                width = 4
            elif kind == 8 or kind == 9 or kind == 11 or kind == 13:
                width = 8
            else:
                return index, begin
            if position + width > end:
                return index, -1
            for k in range(width):
                bits |= np.uint64(data[position + k]) << np.uint64(8 * k)
            position += width
            if kind == 12:
                size = np.int64(bits)
                if size > 2147483647:
                    size = np.int64(-1)
                bits = np.uint64(0)
                start = position
                if size > 0:
                    if size > end - position:
                        return index, -1
                    position += int(size)
        status = np.uint64(0)
        source = np.uint64(0)
        server = np.uint64(0)
        if mask & 2:
            if position + 4 > end:
                return index, -1
            for k in range(4):
                status |= np.uint64(data[position + k]) << np.uint64(8 * k)
            position += 4
        if mask & 4:
            if position + 8 > end:
                return index, -1
            for k in range(8):
                source |= np.uint64(data[position + k]) << np.uint64(8 * k)
            position += 8
        if mask & 16:
            position += 2
        if mask & 8:
            if position + 8 > end:
                return index, -1
            for k in range(8):
                server |= np.uint64(data[position + k]) << np.uint64(8 * k)
            position += 8
        if mask & 32:
            position += 2
        if position > end:
            return index, -1
        out[index]["status"] = status
        out[index]["type"] = kind
        out[index]["bits"] = bits
        out[index]["source"] = np.int64(source)
        out[index]["server"] = np.int64(server)
        out[index]["start"] = start
        out[index]["size"] = size
        index += 1
    return index, position


class Compiler:
    """Compiles ``scan_items`` in a thread of its own; ``scan`` is None until that is done."""

    def __init__(self) -> None:
        self.scan: Scan | None = None
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._compile, name="opcua-compile")
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Begins to compile, once."""
        with self._lock:
            if not self._started:
                self._started = True
                self._thread.start()

    def wait(self) -> None:
        """Until it has compiled or failed."""
        if self._started:
            self._thread.join()

    def _compile(self) -> None:
        try:
            self.scan = _compiled_scan()
        except Exception as error:  # any failure leaves us with the plain reader
            self.failure = f"{type(error).__name__}: {error}"


def _compiled_scan() -> Scan:
    from numba import njit  # here, since importing numba costs up to 0.4 s of start-up

    try:
        return _warmed(njit(nogil=True, cache=True)(scan_items))
    except (RuntimeError, OSError):  # no directory for the cache can be written
        return _warmed(njit(nogil=True)(scan_items))


def _warmed(scan: Scan) -> Scan:
    scan(np.frombuffer(bytes(5), np.uint8), 0, 5, 0, 1, np.zeros(1, RAW))
    return scan


@cache
def shared_compiler() -> Compiler:
    """The one compiler of this process."""
    return Compiler()


@cache
def _uniform_layout(mask: int, kind: int) -> np.dtype[Any] | None:
    """Layout of an item with this mask and scalar type; None where its length may vary."""
    if mask & ~0x0F or not mask & 1 or not 1 <= kind <= DOUBLE:
        return None
    fields = [("handle", "<u4"), ("mask", "u1"), ("type", "u1"), ("bits", f"<u{WIDTHS[kind]}")]
    fields += [("status", "<u4")] if mask & 2 else []
    fields += [("source", "<i8")] if mask & 4 else []
    fields += [("server", "<i8")] if mask & 8 else []
    return np.dtype(fields)


def _uniform_items(data: bytes, position: int, end: int, count: int) -> Raw | None:
    """All items at once where they are laid out alike, else None."""
    if end - position < 6:
        return None
    mask, kind = data[position + 4], data[position + 5]
    layout = _uniform_layout(mask, kind)
    if layout is None or count * layout.itemsize > end - position:
        return None
    view = np.frombuffer(data, layout, count, position)
    if not ((view["mask"] == mask).all() and (view["type"] == kind).all()):
        return None
    out = np.zeros(count, RAW)
    for name in layout.names or ():
        if name != "mask":
            out[name] = view[name]
    return out


def read_items(data: bytes, position: int, end: int, scan: Scan | None = None) -> Raw:
    """The monitored items of a DataChangeNotification's body: (n,) RAW.

    ``scan`` is the compiled scan where there is one. Raises MalformedError.
    """
    reader = Reader(data, position, end)
    count = reader.count(5)
    uniform = _uniform_items(data, reader.position, end, count)
    if uniform is not None:
        return uniform
    out = np.zeros(count, RAW)
    view = np.frombuffer(data, np.uint8)
    index = 0
    while index < count:
        if scan is not None:
            index, reader.position = scan(view, reader.position, end, index, count, out)
            if reader.position < 0:
                raise MalformedError(f"item {index} of {count} is cut off")
        if index < count:
            handle = reader.u32()
            reader.data_value(out, index, handle=handle)
            index += 1
    return out


def read_publication(data: bytes, scan: Scan | None = None) -> Publication:
    """A PublishResponse. Raises MalformedError, or FaultError for the server's refusal."""
    reader = Reader(data)
    namespace, kind = reader.node_id()
    if namespace != 0 or kind not in (PUBLISH_RESPONSE_ID, SERVICE_FAULT_ID):
        raise MalformedError(f"message type {kind} is no PublishResponse")
    _, _, result = _HEADER.unpack_from(data, reader.skip(_HEADER.size))
    if kind == SERVICE_FAULT_ID or result >> 30:
        raise FaultError(result)
    reader.diagnostic()
    for _ in range(reader.count(4)):
        reader.span()
    reader.extension()
    subscription = reader.u32()
    reader.skip(4 * reader.count(4))
    reader.skip(1)  # more notifications: the server sends them unasked while it has credits
    sequence = reader.u32()
    reader.skip(8)
    blocks, ended = [], None
    notifications = reader.count(3)
    for _ in range(notifications):
        number, start, end = reader.extension()
        if number == DATA_CHANGE_ID:
            blocks.append(read_items(data, start, end, scan))
        elif number == STATUS_CHANGE_ID:
            ended = Reader(data, start, end).u32()
    items = blocks[0] if len(blocks) == 1 else np.concatenate([np.zeros(0, RAW), *blocks])
    return Publication(subscription, sequence, notifications == 0, items, ended)


_NULL_TEXT, _NO_TEXT = -1, -2
_KINDS = np.full(256, ValueType.NONE, np.uint8)
_KINDS[BOOLEAN:FLOAT] = ValueType.INTEGER
_KINDS[[DATETIME, STATUS]] = ValueType.INTEGER
_KINDS[[FLOAT, DOUBLE]] = ValueType.REAL
_TEXTS = (STRING, GUID, BYTESTRING, XML, QUALIFIED_NAME, LOCALIZED_TEXT)
_KINDS[list(_TEXTS)] = ValueType.TEXT
# How far to shift left, then right again, so that a signed integer's sign fills its 64 bits.
_SIGN_SHIFT = np.zeros(256, np.int64)
_SIGN_SHIFT[[SBYTE, INT16, INT32]] = (56, 48, 32)


class RowMaker:
    """Items to SAMPLE rows for one connection.

    ``signals[handle]`` is the signal's index, -1 for a handle that was never given. ``lock``
    guards ``texts``, which connections share.
    """

    def __init__(
        self, signals: NDArray[np.int32], texts: TextTable, lock: threading.Lock | None = None
    ) -> None:
        self._signals = signals
        self._texts = texts
        self._lock = lock or threading.Lock()
        self._ids: dict[tuple[int, bytes], int] = {}

    def rows(self, items: Raw, data: bytes) -> Samples:
        """The rows of the items whose handle is ours, in their order: (m,) SAMPLE."""
        handles = items["handle"]
        known = handles < len(self._signals)
        signal = self._signals[np.where(known, handles, 0)]
        ours = known & (signal >= 0)
        if not ours.all():
            items, signal = items[ours], signal[ours]
        rows = np.zeros(len(items), SAMPLE)
        rows["signal"] = signal
        rows["status"] = items["status"]
        rows["time_ns"] = unix_ns(items["source"])
        rows["server_ns"] = unix_ns(items["server"])
        # InfoType DataValue with the overflow bit (Part 4, 7.39).
        overflow = (items["status"] & 0x0C80) == 0x0480
        rows["flags"] = np.where(overflow, np.uint8(Flag.OVERFLOW), np.uint8(0))
        if (items["type"] == DOUBLE).all():
            rows["type"] = ValueType.REAL
            rows["value"] = items["bits"].view("<f8")
        else:
            self._fill_mixed(rows, items, data)
        return rows

    def _fill_mixed(self, rows: Samples, items: Raw, data: bytes) -> None:
        kinds, bits = items["type"], np.ascontiguousarray(items["bits"])
        rows["type"] = _KINDS[kinds]
        rows["value"] = np.nan
        shift = _SIGN_SHIFT[kinds]
        whole = (bits.view(np.int64) << shift) >> shift
        whole[kinds == BOOLEAN] = bits[kinds == BOOLEAN] != 0
        stamps = kinds == DATETIME
        whole[stamps] = unix_ns(whole[stamps])
        integer = rows["type"] == ValueType.INTEGER
        rows["exact"][integer] = whole[integer]
        rows["value"][integer] = whole[integer].astype(np.float64)
        double, single = kinds == DOUBLE, kinds == FLOAT
        rows["value"][double] = bits[double].view(np.float64)
        rows["value"][single] = bits[single].astype(np.uint32).view(np.float32)
        self._refuse(rows, (kinds == UINT64) & (bits >> np.uint64(63) != 0), bits)
        rows["flags"][kinds == REFUSED_TYPE] |= REFUSED
        self._fill_texts(rows, items, data)

    @staticmethod
    def _refuse(rows: Samples, too_big: NDArray[np.bool_], bits: NDArray[np.uint64]) -> None:
        rows["type"][too_big] = ValueType.REAL
        rows["exact"][too_big] = 0
        rows["value"][too_big] = bits[too_big].astype(np.float64)
        rows["flags"][too_big] |= REFUSED

    def _fill_texts(self, rows: Samples, items: Raw, data: bytes) -> None:
        at = np.flatnonzero(rows["type"] == ValueType.TEXT)
        found = items[at]
        spans = zip(
            found["type"].tolist(), found["start"].tolist(), found["size"].tolist(), strict=True
        )
        ids = np.array([self._text_id(data, *span) for span in spans], np.int64)
        rows["exact"][at] = np.maximum(ids, 0)
        rows["type"][at[ids < 0]] = ValueType.NONE
        rows["flags"][at[ids == _NO_TEXT]] |= REFUSED

    def _text_id(self, data: bytes, kind: int, start: int, size: int) -> int:
        """Id of a text; _NULL_TEXT where it is null, _NO_TEXT where it is none of ours."""
        if size < 0:
            return _NULL_TEXT
        raw = data[start : start + size]
        number = self._ids.get((kind == GUID, raw))
        if number is not None:
            return number
        if size > MAX_TEXT_BYTES:
            return _NO_TEXT
        try:
            text = str(uuid.UUID(bytes_le=raw)) if kind == GUID else raw.decode()
        except UnicodeDecodeError:
            return _NO_TEXT
        with self._lock:
            number = self._ids[kind == GUID, raw] = self._texts.intern(text)
        return number


def unix_ns(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """OPC UA time [100 ns since 1601] to Unix time [ns]; 0 where it is missing or out of range."""
    usable = (ticks >= FIRST_TICKS) & (ticks <= LAST_TICKS)
    return np.where(usable, (np.where(usable, ticks, EPOCH_TICKS) - EPOCH_TICKS) * 100, 0)
