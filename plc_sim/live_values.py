"""Values as the server shows them: read as the library's data values, reported ready encoded.

The library takes 60 us to encode one reported value, and builds objects for each. Here a value is
packed once, by one struct, whoever subscribes; a data value is built only where somebody reads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from struct import Struct
from typing import Any

from opcua import ua
from opcua.server.address_space import AttributeValue
from opcua.ua.ua_binary import to_binary

from plc_sim.signals import NO_TIME

_EPOCH = datetime(1970, 1, 1)
_FILETIME_EPOCH = 116_444_736_000_000_000  # 1970 in 100 ns since 1601
_CODES = {
    "Boolean": "?",
    "SByte": "b",
    "Byte": "B",
    "Int16": "h",
    "UInt16": "H",
    "Int32": "i",
    "UInt32": "I",
    "Int64": "q",
    "UInt64": "Q",
    "Float": "f",
    "Double": "d",
}
# Encoding mask (value, status, source time), type, value, status, source time (Part 6, 5.2.2.17).
_SCALARS = {name: Struct(f"<BB{code}Iq") for name, code in _CODES.items()}
_TEXT_HEAD = Struct("<BBi")
_TAIL = Struct("<Iq")
_SERVER_TIME = Struct("<q")
_MASK = 0b0111
_MASK_WITH_SERVER_TIME = 0b1111


def data_value(
    value: Any, opc_type: str, time_ns: int, status: int = 0, server_ns: int | None = None
) -> Any:
    """A value with its status and source time [ns UTC], as the library takes it.

    A value of None goes with a bad status; without ``server_ns`` there is no server timestamp, and
    with NO_TIME no source timestamp.
    """
    kind = ua.VariantType.Null if value is None else getattr(ua.VariantType, opc_type)
    return ua.DataValue(
        ua.Variant(value, kind),
        ua.StatusCode(status),
        None if time_ns == NO_TIME else _moment(time_ns),
        serverTimestamp=None if server_ns is None else _moment(server_ns),
    )


def encoded(
    value: Any, opc_type: str, time_ns: int, status: int = 0, server_ns: int | None = None
) -> bytes:
    """The same data value as bytes of OPC UA binary."""
    mask = _MASK if server_ns is None else _MASK_WITH_SERVER_TIME
    time = _filetime(time_ns)
    if time_ns == NO_TIME or (value is not None and opc_type not in (*_SCALARS, "String")):
        whole = data_value(value, opc_type, time_ns, status, server_ns)
        return bytes(to_binary("DataValue", whole))
    if value is None:
        body = bytes((mask, 0)) + _TAIL.pack(status, time)
    elif opc_type in _SCALARS:
        kind = getattr(ua.VariantType, opc_type).value
        body = _SCALARS[opc_type].pack(mask, kind, value, status, time)
    else:
        text = value.encode()
        head = _TEXT_HEAD.pack(mask, ua.VariantType.String.value, len(text))
        body = head + text + _TAIL.pack(status, time)
    return body if server_ns is None else body + _SERVER_TIME.pack(_filetime(server_ns))


def _moment(time_ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_ns // 1000)


def _filetime(time_ns: int) -> int:
    """Since 1601 [100 ns], in whole microseconds."""
    return time_ns // 1000 * 10 + _FILETIME_EPOCH


class LiveValue(AttributeValue):  # type: ignore[misc]  # the library is untyped
    """The value attribute of a signal's node, and of every node that shows the same."""

    def __init__(self, opc_type: str) -> None:
        super().__init__(None)
        self.value_callback = self.data_value
        self.opc_type = opc_type
        self.raw: Any = "" if opc_type == "String" else 0
        self.time_ns = 0
        self.status = 0
        self.server_ns: int | None = None
        self.followers: list[Follower] = []

    def set(self, raw: Any, time_ns: int, status: int = 0, server_ns: int | None = None) -> None:
        """Takes on a value and reports it, unchanged or not, to who monitors this or a follower."""
        self.raw, self.time_ns, self.status, self.server_ns = raw, time_ns, status, server_ns
        if self.datachange_callbacks:
            report = Report(raw, encoded(raw, self.opc_type, time_ns, status, server_ns))
            for handle, tell in tuple(self.datachange_callbacks.items()):
                tell(handle, report)
        for follower in self.followers:
            if follower.datachange_callbacks:
                follower.follow()

    def data_value(self) -> Any:
        """What a client reads."""
        return data_value(self.raw, self.opc_type, self.time_ns, self.status, self.server_ns)


class Follower(AttributeValue):  # type: ignore[misc]
    """A value that is reckoned from live ones: when it is read, and while it is monitored."""

    def __init__(
        self, sources: tuple[LiveValue, ...], opc_type: str, convert: Callable[..., Any]
    ) -> None:
        """``convert`` takes the sources' raw values; it is not asked where one of them is None."""
        super().__init__(None)
        self.value_callback = self.data_value
        self._sources = sources
        self._type = opc_type
        self._convert = convert
        for source in sources:
            source.followers.append(self)

    def follow(self) -> None:
        """Reports the sources' present values, converted."""
        raw, time_ns, status = self._present()
        report = Report(raw, encoded(raw, self._type, time_ns, status))
        for handle, tell in tuple(self.datachange_callbacks.items()):
            tell(handle, report)

    def data_value(self) -> Any:
        """What a client reads."""
        raw, time_ns, status = self._present()
        return data_value(raw, self._type, time_ns, status)

    def _present(self) -> tuple[Any, int, int]:
        """Value, time of the newest source [ns UTC] and the worst status."""
        raws = [source.raw for source in self._sources]
        raw = None if None in raws else self._convert(*raws)
        time_ns = max(source.time_ns for source in self._sources)
        return raw, time_ns, max(source.status for source in self._sources)


class Report:
    """A value on its way to monitored items: ``raw`` for their filters, ``body`` for the wire."""

    __slots__ = ("body", "raw")

    def __init__(self, raw: Any, body: bytes) -> None:
        self.raw = raw
        self.body = body
