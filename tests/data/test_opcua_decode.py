"""Decoding publish responses: all ways agree, with each other and with the library."""

from __future__ import annotations

import math
import struct
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opcua import ua
from opcua.common.utils import Buffer
from opcua.ua.ua_binary import struct_from_binary, struct_to_binary

from data.samples import Flag, Samples, TextTable, ValueType
from data.sources import opcua_decode
from data.sources.opcua_decode import (
    MAX_DEPTH,
    MAX_TEXT_BYTES,
    RAW,
    Compiler,
    FaultError,
    MalformedError,
    RowMaker,
    Scan,
    _uniform_items,
    read_items,
    read_publication,
    scan_items,
    unix_ns,
)

SIGNALS = 8
HANDLES = np.array([-1, *range(SIGNALS)], np.int32)
EPOCH = datetime(1970, 1, 1)


@pytest.fixture(scope="module")
def compiled() -> Scan:
    compiler = Compiler()
    compiler.start()
    compiler.wait()
    assert compiler.failure is None
    assert compiler.scan is not None
    return compiler.scan


def test_without_a_compiler_the_plain_way_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Scan:
        raise OSError("no room")

    monkeypatch.setattr(opcua_decode, "_compiled_scan", fail)
    compiler = Compiler()
    compiler.start()
    compiler.start()
    compiler.wait()
    assert (compiler.scan, compiler.failure) == (None, "OSError: no room")


def message(items: list[Any], sequence: int = 7) -> bytes:
    """A PublishResponse as the library writes it."""
    change = ua.DataChangeNotification()
    change.MonitoredItems = items
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId = 3
    response.Parameters.NotificationMessage.SequenceNumber = sequence
    response.Parameters.NotificationMessage.NotificationData = [change] if items else []
    return bytes(struct_to_binary(response))


def item(handle: int, value: Any) -> Any:
    found = ua.MonitoredItemNotification()
    found.ClientHandle, found.Value = handle, value
    return found


def value_of(kind: ua.VariantType, value: Any, **more: Any) -> Any:
    return ua.DataValue(ua.Variant(value, kind), **more)


def rows_of(data: bytes, scan: Scan | None = None) -> tuple[Samples, TextTable]:
    texts = TextTable()
    return RowMaker(HANDLES, texts).rows(read_publication(data, scan).items, data), texts


T = ua.VariantType
INTEGERS = {
    T.SByte: (-(2**7), 2**7 - 1),
    T.Byte: (0, 2**8 - 1),
    T.Int16: (-(2**15), 2**15 - 1),
    T.UInt16: (0, 2**16 - 1),
    T.Int32: (-(2**31), 2**31 - 1),
    T.UInt32: (0, 2**32 - 1),
    T.Int64: (-(2**63), 2**63 - 1),
    T.UInt64: (0, 2**64 - 1),
}
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1))
texts = st.text(st.characters(codec="utf-8"), max_size=12)


def variants() -> st.SearchStrategy[Any]:
    whole = [
        st.builds(ua.Variant, st.integers(*limits), st.just(kind))
        for kind, limits in INTEGERS.items()
    ]
    return st.one_of(
        *whole,
        st.booleans().map(lambda v: ua.Variant(v, T.Boolean)),
        st.floats(width=32).map(lambda v: ua.Variant(v, T.Float)),
        st.floats().map(lambda v: ua.Variant(v, T.Double)),
        st.one_of(texts, st.none()).map(lambda v: ua.Variant(v, T.String)),
        TIMES.map(lambda v: ua.Variant(v, T.DateTime)),
        st.uuids().map(lambda v: ua.Variant(v, T.Guid)),
        texts.map(lambda v: ua.Variant(v.encode(), T.ByteString)),
        texts.map(lambda v: ua.Variant(ua.LocalizedText(v), T.LocalizedText)),
        texts.map(lambda v: ua.Variant(ua.QualifiedName(v, 2), T.QualifiedName)),
        st.lists(st.floats(), max_size=4).map(lambda v: ua.Variant(v, T.Double)),
        st.lists(texts, max_size=4).map(lambda v: ua.Variant(v, T.String)),
        st.just(ua.Variant(ua.NodeId("x", 1), T.NodeId)),
        st.just(ua.Variant(ua.Argument(), T.ExtensionObject)),
        st.lists(st.just(ua.Variant(1.0, T.Double)), max_size=2).map(
            lambda v: ua.Variant(v, T.Variant)
        ),
        st.just(ua.Variant(None, T.Null)),
    )


@st.composite
def items(draw: st.DrawFn) -> Any:
    value = ua.DataValue(draw(variants()))
    value.StatusCode = draw(
        st.one_of(st.none(), st.integers(0, 2**32 - 1).map(lambda code: ua.StatusCode(code)))
    )
    value.SourceTimestamp = draw(st.one_of(st.none(), TIMES))
    value.ServerTimestamp = draw(st.one_of(st.none(), TIMES))
    if value.SourceTimestamp is not None and draw(st.booleans()):
        value.SourcePicoseconds = draw(st.integers(0, 9999))
    if value.ServerTimestamp is not None and draw(st.booleans()):
        value.ServerPicoseconds = draw(st.integers(0, 9999))
    return item(draw(st.integers(1, SIGNALS)), value)


def ns_of(stamp: datetime | None) -> int:
    if stamp is None:
        return 0
    return (stamp - EPOCH) // timedelta(microseconds=1) * 1000


def as_text(value: Any) -> str:
    match value:
        case bytes():
            return value.decode()
        case uuid.UUID():
            return str(value)
        case ua.LocalizedText():
            return str(value.Text)
        case ua.QualifiedName():
            return str(value.Name)
        case _:
            return str(value)


def check_row(row: np.void, table: TextTable, value: Any) -> None:
    """One row against what the library's own decoder made of the same bytes."""
    variant = value.Value if value.Value is not None else ua.Variant(None, T.Null)
    content, kind = variant.Value, variant.VariantType
    refused = bool(row["flags"] & Flag.REFUSED)
    if variant.is_array or kind in (T.NodeId, T.ExtensionObject):
        assert row["type"] == ValueType.NONE
        assert refused
    elif content is None or (kind == T.LocalizedText and content.Text is None):
        assert row["type"] == ValueType.NONE
        assert not refused
    elif kind in (T.Double, T.Float):
        assert row["type"] == ValueType.REAL
        assert row["value"] == content or (math.isnan(row["value"]) and math.isnan(content))
    elif kind in INTEGERS and content > 2**63 - 1:
        assert row["type"] == ValueType.REAL
        assert (row["value"], refused) == (float(content), True)
    elif kind in INTEGERS or kind in (T.Boolean, T.DateTime):
        whole = ns_of(content) if kind == T.DateTime else int(content)
        assert row["type"] == ValueType.INTEGER
        assert (int(row["exact"]), row["value"]) == (whole, float(whole))
    else:
        assert row["type"] == ValueType.TEXT
        assert table[int(row["exact"])] == as_text(content)


@settings(max_examples=150, deadline=None)
@given(st.lists(items(), max_size=6))
def test_rows_are_what_the_library_reads(found: list[Any]) -> None:
    data = message(found)
    rows, table = rows_of(data)
    response = struct_from_binary(ua.PublishResponse, Buffer(data))
    assert len(rows) == len(found)
    expected = [
        entry
        for change in response.Parameters.NotificationMessage.NotificationData
        for entry in change.MonitoredItems
    ]
    for row, entry in zip(rows, expected, strict=True):
        assert int(row["signal"]) == entry.ClientHandle - 1
        status = entry.Value.StatusCode
        assert int(row["status"]) == (status.value if status is not None else 0)
        assert int(row["time_ns"]) == ns_of(entry.Value.SourceTimestamp)
        assert int(row["server_ns"]) == ns_of(entry.Value.ServerTimestamp)
        check_row(row, table, entry.Value)


@settings(max_examples=150, deadline=None)
@given(st.lists(items(), max_size=6))
def test_compiled_and_plain_way_agree(compiled: Scan, found: list[Any]) -> None:
    data = message(found)
    plain, fast = rows_of(data), rows_of(data, compiled)
    assert plain[0].tobytes() == fast[0].tobytes()
    assert plain[1].since(0) == fast[1].since(0)


@settings(max_examples=40, deadline=None)
@given(st.lists(items(), min_size=1, max_size=3))
def test_scan_is_the_same_uncompiled(compiled: Scan, found: list[Any]) -> None:
    body = bytes(b"".join(struct_to_binary(entry) for entry in found))
    view = np.frombuffer(body, np.uint8)
    plain, fast = np.zeros(len(found), RAW), np.zeros(len(found), RAW)
    with np.errstate(over="ignore"):
        ends = scan_items(view, 0, len(body), 0, len(found), plain)
    assert ends == compiled(view, 0, len(body), 0, len(found), fast)
    done = ends[0]
    assert plain[:done].tobytes() == fast[:done].tobytes()


@pytest.mark.parametrize("kind", [*INTEGERS, T.Float, T.Double, T.Boolean])
@pytest.mark.parametrize("stamps", [(None, None), (EPOCH.replace(year=2026), None)])
def test_alike_items_take_the_numpy_view_with_the_same_outcome(
    compiled: Scan, kind: ua.VariantType, stamps: tuple[datetime | None, datetime | None]
) -> None:
    found = [
        item(i + 1, value_of(kind, i % 2, sourceTimestamp=stamps[0], serverTimestamp=stamps[1]))
        for i in range(SIGNALS)
    ]
    data = message(found)
    body = bytes(b"".join(struct_to_binary(entry) for entry in found))
    assert _uniform_items(body, 0, len(body), SIGNALS) is not None
    mixed = message([*found, item(1, value_of(T.String, "x"))])
    assert rows_of(data)[0].tobytes() == rows_of(mixed, compiled)[0][:SIGNALS].tobytes()


@pytest.fixture(scope="module")
def good() -> bytes:
    found = [item(1, value_of(T.Double, 1.5)), item(2, value_of(T.String, "Execute"))]
    found += [item(3, value_of(T.Double, [1.0, 2.0])), item(4, value_of(T.Int32, -1))]
    found += [item(5, ua.DataValue(ua.Variant(ua.LocalizedText("x"), T.LocalizedText)))]
    return message(found)


def decode(data: bytes, scan: Scan | None) -> bytes | None:
    """The rows' bytes; None where the message is refused. Anything else raised is a failure."""
    try:
        with np.errstate(invalid="ignore"):
            rows, _ = rows_of(data, scan)
    except (MalformedError, FaultError):
        return None
    return rows.tobytes()


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=200))
def test_random_bytes_are_refused_or_read(compiled: Scan, good: bytes, data: bytes) -> None:
    for candidate in (data, good[:40] + data, good[: len(good) // 2] + data):
        assert decode(candidate, None) == decode(candidate, compiled)


@settings(max_examples=400, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 10_000), st.sampled_from([0, 1, 2, 0x7F, 0x80, 0xC5, 0xFF])),
        min_size=1,
        max_size=4,
    ),
    cut=st.integers(0, 60),
)
def test_mutated_messages_are_refused_or_read(
    compiled: Scan, good: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(good)
    for at, byte in changes:
        data[at % len(data)] = byte
    candidate = bytes(data[: len(data) - cut])
    assert decode(candidate, None) == decode(candidate, compiled)


def test_every_cut_is_refused(compiled: Scan, good: bytes) -> None:
    for end in range(len(good) - 8):  # the last 8 bytes are two empty lists
        assert decode(good[:end], None) == decode(good[:end], compiled) is None


@pytest.mark.parametrize("kind", [0, 11, 12, 24])
def test_array_that_claims_billions_is_refused(kind: int) -> None:
    body = struct.pack("<iIBBi", 1, 1, 1, 0x80 | kind, 2**31 - 1)
    with pytest.raises(MalformedError):
        read_items(body, 0, len(body))


def test_nesting_is_bounded() -> None:
    body = struct.pack("<iIB", 1, 1, 1) + b"\x98\x01\x00\x00\x00" * (MAX_DEPTH + 2)
    with pytest.raises(MalformedError, match="nested deeper"):
        read_items(body, 0, len(body))


def test_fault_keep_alive_and_end_of_subscription() -> None:
    fault = ua.ServiceFault()
    fault.ResponseHeader.ServiceResult = ua.StatusCode(ua.StatusCodes.BadNoSubscription)
    with pytest.raises(FaultError) as caught:
        read_publication(bytes(struct_to_binary(fault)))
    assert caught.value.status == ua.StatusCodes.BadNoSubscription
    alive = read_publication(message([], sequence=9))
    assert (alive.subscription, alive.sequence, alive.keep_alive) == (3, 9, True)
    ending = ua.StatusChangeNotification()
    ending.Status = ua.StatusCode(ua.StatusCodes.BadTimeout)
    response = ua.PublishResponse()
    response.Parameters.NotificationMessage.NotificationData = [ending]
    found = read_publication(bytes(struct_to_binary(response)))
    assert (found.ended, found.keep_alive) == (ua.StatusCodes.BadTimeout, False)


def test_texts_are_interned_once_and_bounded() -> None:
    long = "x" * (MAX_TEXT_BYTES + 1)
    found = [item(i + 1, value_of(T.String, t)) for i, t in enumerate(["a", "b", "a", long, ""])]
    found.append(item(6, value_of(T.ByteString, b"\xff\xfe")))
    rows, table = rows_of(message(found))
    assert rows["exact"][:3].tolist() == [0, 1, 0]
    assert table.since(0) == ("a", "b", "")
    assert rows["type"].tolist() == [3, 3, 3, 0, 3, 0]
    assert (rows["flags"] == Flag.REFUSED).tolist() == [False, False, False, True, False, True]


def test_unknown_handles_are_left_out() -> None:
    found = [item(handle, value_of(T.Double, 1.0)) for handle in (0, 1, SIGNALS + 1, 2**32 - 1)]
    assert rows_of(message(found))[0]["signal"].tolist() == [0]


@given(st.integers(1, 2**63 - 1) | st.integers(24_000_000_000_000_000, 3 * 10**17))
def test_ticks_to_unix_ns_are_exact_or_missing(ticks: int) -> None:
    found = int(unix_ns(np.array([ticks]))[0])
    exact = (ticks - 116_444_736_000_000_000) * 100
    assert found == (exact if -(2**63) <= exact < 2**63 else 0)


def test_absurd_times_are_missing() -> None:
    ticks = np.array([0, -1, -(2**63), 2**63 - 1], np.int64)
    assert unix_ns(ticks).tolist() == [0, 0, 0, 0]
    first = datetime(2026, 3, 2, tzinfo=UTC)
    assert first.timestamp() * 1e9 == unix_ns(np.array([134_168_832_000_000_000]))[0]
