"""How samples become bytes in a shift log: one chunk per signal, and whole rows.

A chunk holds the samples of one signal in canonical order, column by column, each column packed
by what is simplest and loses nothing; the columns one behind the other in one zstd frame. The
packing of each is in the chunk's plan, a JSON list that docs/shift-log.md explains. Of the server
time milliseconds are kept, of everything else every bit.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from data.samples import SAMPLE, Samples, ValueType

COLUMNS = ("type", "flags", "status", "time", "order", "receive", "server", "real", "whole")
MILLISECOND_NS = 1_000_000
CHUNK_LEVEL = 3
ROWS_LEVEL = 1
_UNITS = (1_000_000_000, 1_000_000, 1000, 100)
_DECIMALS = 6
_PROBE = 32  # so many values are tried before all are
NONE, REAL, INTEGER, TEXT = (int(kind) for kind in ValueType)
_LIMIT_BYTES = 1 << 31  # no blob of ours unpacks to more

Ints = NDArray[np.int64]
Column = NDArray[Any]


class Damaged(ValueError):
    """Bytes that are not what was written."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples of one signal, packed."""

    signal: int
    count: int
    begin_ns: int  # order_ns of the first
    end_ns: int  # and of the last
    plan: str
    data: bytes

    def crc(self, segment: int) -> int:
        """CRC-32 of everything that the chunk says."""
        head = f"{segment},{self.signal},{self.count},{self.begin_ns},{self.end_ns},{self.plan}"
        return zlib.crc32(self.data, zlib.crc32(head.encode()))


# --- one column of whole numbers -------------------------------------------------------------


def _width(span: int) -> int:
    return 1 if span < 1 << 8 else 2 if span < 1 << 16 else 4 if span < 1 << 32 else 8


def _span(numbers: Ints) -> int:
    return int(numbers.max()) - int(numbers.min())


def _unit(offsets: NDArray[np.uint64]) -> int:
    for unit in _UNITS:
        if not (offsets[:_PROBE] % np.uint64(unit)).any() and not (offsets % np.uint64(unit)).any():
            return unit
    return 1


def shuffled(numbers: Column) -> bytes:
    """All first bytes, then all second bytes, and so on."""
    width = numbers.dtype.itemsize
    if width == 1:
        return numbers.tobytes()
    return numbers.view(np.uint8).reshape(-1, width).T.tobytes()


def unshuffled(data: memoryview | bytes, dtype: np.dtype[Any]) -> Column:
    """The reverse of shuffled."""
    raw = np.frombuffer(data, np.uint8)
    if dtype.itemsize == 1:
        return raw.view(dtype)
    return np.ascontiguousarray(raw.reshape(dtype.itemsize, -1).T).reshape(-1).view(dtype)


def pack_whole(numbers: Ints) -> tuple[list[int], bytes]:
    """Whole numbers as ``[order, seeds..., base, unit, width]`` and bytes.

    ``order`` is how often differences were taken (0 to 2), ``seeds`` the first number of each
    time; what remains is ``base + unit * offset``. A constant has width 0 and no bytes.
    Differences wrap around at 64 bits, and so do the sums that undo them.
    """
    seeds: list[int] = []
    rest = numbers
    best: tuple[int, list[int], Ints] = (0, [], rest)
    best_span = _span(rest)
    for order in (1, 2):
        if best_span == 0 or rest.shape[0] < 2:
            break
        seeds = [*seeds, int(rest[0])]
        rest = np.diff(rest)
        span = _span(rest)
        if _width(span) < _width(best_span) or span == 0:
            best, best_span = (order, seeds, rest), span
    order, seeds, rest = best
    base = int(rest.min())
    if best_span == 0:
        return [order, *seeds, base, 1, 0], b""
    offsets = (rest - np.int64(base)).view(np.uint64)
    unit = _unit(offsets) if best_span >= 1 << 8 else 1
    if unit > 1:
        offsets = offsets // np.uint64(unit)
    width = _width(best_span // unit)
    return [order, *seeds, base, unit, width], shuffled(offsets.astype(f"<u{width}"))


def unpack_whole(plan: Sequence[int], data: memoryview, count: int) -> tuple[Ints, int]:
    """The numbers, and how many bytes they took."""
    order = plan[0]
    seeds, (base, unit, width) = plan[1 : 1 + order], plan[1 + order : 4 + order]
    left = count - order
    if width == 0:
        numbers = np.full(left, base, np.int64)
    else:
        offsets = unshuffled(data[: left * width], np.dtype(f"<u{width}"))
        numbers = offsets.astype(np.uint64).view(np.int64)
        if unit > 1:
            numbers *= unit
        if base:
            numbers += base
    for seed in reversed(seeds):
        whole = np.empty(numbers.shape[0] + 1, np.int64)
        whole[0] = seed
        whole[1:] = numbers
        numbers = np.cumsum(whole, out=whole)
    return numbers, left * width


# --- one column of reals ---------------------------------------------------------------------


def _decimals(values: NDArray[np.float64]) -> int | None:
    """How many decimals write all of these exactly; None if more than _DECIMALS, or too large."""
    probe = values[:_PROBE]
    for decimals in range(_DECIMALS + 1):
        if _written_by(probe, decimals):
            return decimals if _written_by(values, decimals) else _more(values, decimals)
    return None


def _more(values: NDArray[np.float64], decimals: int) -> int | None:
    for more in range(decimals + 1, _DECIMALS + 1):
        if _written_by(values, more):
            return more
    return None


def _written_by(values: NDArray[np.float64], decimals: int) -> bool:
    scale = 10.0**decimals
    rounded = np.rint(values * scale)
    if not (np.abs(rounded) < 2**53).all():
        return False
    back = rounded / scale
    return bool((back.view(np.int64) == values.view(np.int64)).all())


def pack_real(values: NDArray[np.float64]) -> tuple[list[Any], bytes]:
    """Reals, every bit of them: as decimals, as 4-byte floats, or as they are."""
    with np.errstate(invalid="ignore", over="ignore"):
        decimals = _decimals(values)
        if decimals is not None:
            scaled = np.rint(values * 10.0**decimals).astype(np.int64)
            plan, data = pack_whole(scaled)
            return ["decimal", decimals, *plan], data
        narrow = values.astype("<f4")
        if (narrow.astype("<f8").view(np.int64) == values.view(np.int64)).all():
            return ["f4"], shuffled(narrow)
    return ["f8"], shuffled(values)


def unpack_real(
    plan: Sequence[Any], data: memoryview, count: int
) -> tuple[NDArray[np.float64], int]:
    """The reals, and how many bytes they took."""
    if plan[0] == "decimal":
        scaled, size = unpack_whole(plan[2:], data, count)
        return scaled / 10.0 ** plan[1], size
    dtype = np.dtype("<f4") if plan[0] == "f4" else np.dtype("<f8")
    size = count * dtype.itemsize
    return unshuffled(data[:size], dtype).astype(np.float64), size


# --- a chunk ---------------------------------------------------------------------------------


def server_delay_ms(samples: Samples) -> Ints:
    """Server time less source time [ms], plus 1; 0 where there is no server time."""
    server_ns, time_ns = samples["server_ns"], samples["time_ns"]
    delay_ms = (server_ns - time_ns + MILLISECOND_NS // 2) // MILLISECOND_NS
    delay: Ints = np.where(server_ns == 0, 0, np.where(delay_ms >= 0, delay_ms + 1, delay_ms))
    return delay


def server_time_ns(delay: Ints | int, time_ns: Ints | int) -> Ints:
    """The reverse of server_delay_ms, to the millisecond."""
    if isinstance(delay, int) and delay > 0:
        return np.asarray(time_ns + (delay - 1) * MILLISECOND_NS)
    delay_ms = np.where(delay > 0, delay - 1, delay)
    server_ns: Ints = np.where(delay == 0, 0, time_ns + delay_ms * MILLISECOND_NS)
    return server_ns


def pack_chunk(samples: Samples, receive_number: Ints) -> Chunk:
    """One signal's samples, in canonical order; ``receive_number`` numbers their arrivals."""
    kind = samples["type"]
    real = kind == REAL
    whole = (kind == INTEGER) | (kind == TEXT)
    values, exact = samples["value"], samples["exact"]
    columns = [
        kind.astype(np.int64),
        samples["flags"].astype(np.int64),
        samples["status"].astype(np.int64),
        np.ascontiguousarray(samples["time_ns"]),
        samples["order_ns"] - samples["time_ns"],
        receive_number,
        server_delay_ms(samples),
    ]
    packed: list[tuple[list[Any] | None, bytes]] = [pack_whole(column) for column in columns]
    packed.append(pack_real(np.ascontiguousarray(values[real])) if real.any() else (None, b""))
    packed.append(pack_whole(np.ascontiguousarray(exact[whole])) if whole.any() else (None, b""))
    order_ns = samples["order_ns"]
    return Chunk(
        signal=int(samples["signal"][0]),
        count=int(samples.shape[0]),
        begin_ns=int(order_ns[0]),
        end_ns=int(order_ns[-1]),
        plan=json.dumps([plan for plan, _ in packed], separators=(",", ":")),
        data=zstandard.ZstdCompressor(level=CHUNK_LEVEL).compress(
            b"".join(data for _, data in packed)
        ),
    )


class ChunkReader:
    """Unpacks chunks, for one thread."""

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor()

    def unpack(self, chunk: Chunk, receive_ns: Ints, out: Samples) -> None:
        """Fills ``out``, ``chunk.count`` zeroed rows or a mapping of columns; raises Damaged."""
        try:
            self._unpack(chunk, receive_ns, out)
        except (ValueError, TypeError, IndexError, OverflowError, zstandard.ZstdError) as error:
            raise Damaged(f"a chunk that does not unpack: {error}") from error

    def _unpack(self, chunk: Chunk, receive_ns: Ints, out: Samples) -> None:
        plans = json.loads(chunk.plan)
        rest = memoryview(self._zstd.decompress(chunk.data, max_output_size=_LIMIT_BYTES))
        columns: list[Ints | int] = []
        for plan in plans[:7]:
            if plan[0] == 0 and plan[-1] == 0:  # a constant stays a number
                columns.append(int(plan[1]))
                continue
            column, size = unpack_whole(plan, rest, chunk.count)
            columns.append(column)
            rest = rest[size:]
        kind, flags, status, time_ns, late_ns, number, delay = columns
        out["signal"] = chunk.signal
        out["type"], out["flags"], out["status"] = kind, flags, status
        out["time_ns"], out["order_ns"] = time_ns, time_ns + late_ns
        if receive_ns.shape[0]:
            out["receive_ns"] = receive_ns[number]
        if not isinstance(delay, int) or delay != 0:
            out["server_ns"] = server_time_ns(delay, time_ns)
        self._unpack_values(plans[7], plans[8], rest, out)

    def _unpack_values(
        self,
        real_plan: list[Any] | None,
        whole_plan: list[Any] | None,
        data: memoryview,
        out: Samples,
    ) -> None:
        if real_plan is not None and whole_plan is None and (out["type"] == REAL).all():
            out["value"], _ = unpack_real(real_plan, data, out.shape[0])
            return
        kind = out["type"]
        if real_plan is not None:
            real = kind == REAL
            values, size = unpack_real(real_plan, data, int(real.sum()))
            out["value"][real] = values
            data = data[size:]
        if whole_plan is not None:
            whole = (kind == INTEGER) | (kind == TEXT)
            exact, _ = unpack_whole(whole_plan, data, int(whole.sum()))
            out["exact"][whole] = exact
            counted = kind == INTEGER
            out["value"][counted] = out["exact"][counted]


# --- whole rows, and blobs -------------------------------------------------------------------


def pack_rows(samples: Samples, level: int = ROWS_LEVEL) -> bytes:
    """Rows of any signals as they are: bytes shuffled, zstd."""
    raw = np.ascontiguousarray(samples).view(np.uint8).reshape(-1, SAMPLE.itemsize)
    return zstandard.ZstdCompressor(level=level).compress(raw.T.tobytes())


def unpack_rows(data: bytes) -> Samples:
    """The reverse of pack_rows; raises Damaged."""
    raw = np.frombuffer(unpack_bytes(data), np.uint8)
    if raw.shape[0] % SAMPLE.itemsize:
        raise Damaged(f"{raw.shape[0]} bytes are no whole number of samples")
    return np.ascontiguousarray(raw.reshape(SAMPLE.itemsize, -1).T).reshape(-1).view(SAMPLE)


def pack_bytes(data: bytes, level: int = CHUNK_LEVEL) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(level=level).compress(data)


def unpack_bytes(data: bytes) -> bytes:
    """The reverse of pack_bytes; raises Damaged."""
    try:
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=_LIMIT_BYTES)
    except zstandard.ZstdError as error:
        raise Damaged(f"not a zstd frame: {error}") from error
