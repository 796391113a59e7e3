"""The OPC UA server around a plant's signals, on ``opcua`` 0.98.13 with its weak points mended.

Everything that the server does happens on its one loop thread, writes included: so no value slips
through between a subscription's first value and its next. What is mended, each with a test:

- a monitored item's queue drops nothing while its session lives (the plant may run many times as
  fast as the clients publish), and every write is reported, also of an unchanged value;
- what a client neither fetches nor acknowledges is bounded: its subscription expires in a minute;
- an absolute deadband compares with the last value reported, not with the last one written;
- a message that cannot be read, or is larger than the server takes, ends that connection, and a
  request that fails is answered so;
- no user name makes a client an administrator: nobody writes;
- the endpoint can go down and come up again without losing the address space.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import logging
import re
import uuid
import weakref
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from opcua import Server, ua
from opcua.common.utils import ServiceError
from opcua.server.binary_server_asyncio import OPCUAProtocol
from opcua.server.internal_subscription import InternalSubscription, MonitoredItemService
from opcua.server.subscription_service import SubscriptionService
from opcua.server.uaprocessor import UaProcessor
from opcua.ua.ua_binary import header_from_binary

from data.line import Line, Meter, Signal
from data.toml_file import Faults, whole
from data.units import to_base
from plc_sim.meters import RawValue
from plc_sim.signals import Change

SIMULATOR_URI = "urn:greenline:sim"  # namespace 1 of the server
SPEED_NODE = "Greenline/Speed"
DEFAULT_PORT = 4840

_LEAST_PUBLISHING_MS = 20.0
_LIFETIME_MS = 60_000.0
_KEPT_FOR_REPUBLISH = 10
_LARGEST_MESSAGE = 16 * 1024 * 1024
_EPOCH = datetime(1970, 1, 1)
_NODE = re.compile(r"(?:nsu=(?P<uri>[^;]+)|ns=(?P<index>\d+));(?P<kind>[isgb])=(?P<id>.+)", re.S)
_UNIT_CODES = {
    "W": "WTT",
    "kW": "KWT",
    "Wh": "WHR",
    "kWh": "KWH",
    "MWh": "MWH",
    "MJ": "3B",
    "GJ": "GV",
    "m3": "MTQ",
    "m3/h": "MQH",
    "kg": "KGM",
}


class EndpointError(OSError):
    """The endpoint cannot be had: its port is in use, or the address is none of this machine."""

    def __str__(self) -> str:
        return str(self.strerror)


class SimServer:
    """Serves the signals of a line; ``start`` it, ``write`` changes, ``stop`` it."""

    def __init__(self, line: Line, opc_types: tuple[str, ...], endpoint: str, speed: float) -> None:
        """``opc_types`` by signal index; raises Faults for nodes that no server can have."""
        # Its warnings speak of certificates that nobody asked for and attributes that clients try.
        logging.getLogger("opcua.server").setLevel(logging.ERROR)
        host, port = host_and_port(endpoint)
        self.endpoint = endpoint
        self._line = line
        self._types = opc_types
        self._attributes: dict[int, Any] = {}
        self._node_ids: dict[int, Any] = {}
        self._server = _bare_server(endpoint)
        self._listener = _Listener(self._server.iserver, host, port, endpoint)
        self._server.bserver = self._listener
        self._build(speed)

    def start(self, values: Iterable[Change]) -> None:
        """Sets the first values and listens; raises EndpointError."""
        self._set(values)
        self._server.start()

    def write(self, changes: list[Change]) -> None:
        """Sets values in order, each reported to every subscriber; returns when that is done."""
        if changes:
            self._on_loop(self._set, changes)

    def go_down(self) -> None:
        """Closes the endpoint and every connection; values can still be written."""
        self._listener.stop()

    def come_up(self) -> None:
        """Listens again; raises EndpointError where another has taken the port."""
        self._listener.start()

    def fall_silent(self) -> None:
        """Leaves the endpoint and every connection open, and neither reads nor sends any more."""
        self._on_loop(self._listener.fall_silent)

    def speak(self) -> None:
        """Answers again; the connections of the silence are cut."""
        self._on_loop(self._listener.speak)

    def remove(self, indices: Iterable[int]) -> None:
        """Takes the nodes of signals away; their values can still be written."""
        for index in indices:
            node_id = self._node_ids[index]
            self._on_loop(self._rename, node_id, _while_gone(node_id))

    def restore(self, indices: Iterable[int]) -> None:
        """Puts them back; who subscribed before hears of them again."""
        for index in indices:
            node_id = self._node_ids[index]
            self._on_loop(self._rename, _while_gone(node_id), node_id)

    def stop(self) -> None:
        """Closes everything; its thread has ended afterwards."""
        self._server.stop()

    def listeners(self, index: int) -> int:
        """How many monitored items wait for the changes of a signal."""
        return len(self._attributes[index].datachange_callbacks)

    def _set(self, changes: Iterable[Change]) -> None:
        for index, time_ns, value, status in changes:
            attribute = self._attributes[index]
            attribute.value = data_value(value, self._types[index], time_ns, status)
            for handle, report in tuple(attribute.datachange_callbacks.items()):
                report(handle, attribute.value)

    def _rename(self, old: Any, new: Any) -> None:
        """Gives a node another id; monitored items keep it, and can still be deleted."""
        aspace = self._server.iserver.aspace
        aspace[new] = aspace[old]
        del aspace[old]
        monitored = aspace._handle_to_attribute_map
        for handle, (node_id, attribute) in monitored.items():
            if node_id == old:
                monitored[handle] = new, attribute

    def _on_loop(self, act: Any, *arguments: Any) -> None:
        async def run() -> None:
            act(*arguments)

        asyncio.run_coroutine_threadsafe(run(), self._server.iserver.loop.loop).result()

    # The address space ---------------------------------------------------------------------

    def _build(self, speed: float) -> None:
        names = self._line.plant.names
        plant = self._folder(self._server.get_objects_node(), "Line", names.en)
        folders = {"plant": plant}
        for workshop in self._line.workshops:
            name = f"Line/{workshop.id}"
            folders[workshop.id] = self._folder(plant, name, workshop.names.en)
        for station in self._line.stations:
            name = f"Line/{station.workshop}/{station.id}"
            label = f"{station.id} {station.names.en}"
            folders[station.id] = self._folder(folders[station.workshop], name, label)
        meters = {meter.id: meter for meter in self._line.meters}
        for signal in self._line.signals:
            if signal.source is not None:
                self._add(signal, meters.get(signal.subject), folders)
        speed_id = ua.NodeId(SPEED_NODE, 1)
        plant.add_variable(speed_id, ua.QualifiedName("Speed", 1), speed, ua.VariantType.Double)

    def _folder(self, parent: Any, name: str, label: str) -> Any:
        return parent.add_folder(ua.NodeId(name, 1), ua.QualifiedName(label, 1))

    def _add(self, signal: Signal, meter: Meter | None, folders: dict[str, Any]) -> None:
        node_id = self._node_id(signal)
        opc_type = self._types[signal.index]
        label = meter.id if meter else _label(signal.role)
        nothing = "" if opc_type == "String" else 0
        parent = folders[_home(signal, meter, self._line)]
        node = parent.add_variable(
            node_id,
            ua.QualifiedName(label, node_id.NamespaceIndex),
            nothing,
            getattr(ua.VariantType, opc_type),
        )
        unit = _sent_unit(signal, meter)
        if unit in _UNIT_CODES:
            unit_id = ua.NodeId(f"Unit/{signal.key}", 1)
            information = engineering_unit(unit)
            node.add_property(unit_id, ua.QualifiedName("EngineeringUnits", 0), information)
        aspace = self._server.iserver.aspace
        self._node_ids[signal.index] = node_id
        self._attributes[signal.index] = aspace[node_id].attributes[ua.AttributeIds.Value]

    def _node_id(self, signal: Signal) -> Any:
        found = _NODE.fullmatch(signal.node or "")
        if found is None or found["index"] == "0":
            limit = f'the server cannot have the node "{signal.node}"'
            raise Faults([whole(f"signal {signal.key}", limit)])
        if found["uri"]:
            index = self._server.register_namespace(found["uri"])
        else:
            index = int(found["index"])
            while len(self._server.get_namespace_array()) <= index:
                count = len(self._server.get_namespace_array())
                self._server.register_namespace(f"{SIMULATOR_URI}:{count}")
        return _identifier(found["kind"], found["id"], index)


def host_and_port(endpoint: str) -> tuple[str, int]:
    """Where an endpoint is; raises Faults unless it is ``opc.tcp://HOST:PORT``, with any path."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or not endpoint.startswith("opc.tcp://"):
        limit = "must be opc.tcp://HOST:PORT, such as opc.tcp://127.0.0.1:4840"
        raise Faults([whole(f'endpoint "{endpoint}"', limit)])
    return host, DEFAULT_PORT if port is None else port


def data_value(value: RawValue | None, opc_type: str, time_ns: int, status: int = 0) -> Any:
    """A value with its source time and status, as the library takes it; None: no value."""
    kind = ua.VariantType.Null if value is None else getattr(ua.VariantType, opc_type)
    at = _EPOCH + timedelta(microseconds=time_ns // 1000)
    return ua.DataValue(ua.Variant(value, kind), ua.StatusCode(status), sourceTimestamp=at)


def engineering_unit(unit: str) -> Any:
    """OPC UA's description of a unit; its id are the characters of the UNECE code (Part 8)."""
    code = _UNIT_CODES[unit]
    information = ua.EUInformation()
    information.NamespaceUri = "http://www.opcfoundation.org/UA/units/un/cefact"
    information.UnitId = int.from_bytes(code.encode(), "big")
    information.DisplayName = information.Description = ua.LocalizedText(unit)
    return information


def _bare_server(endpoint: str) -> Any:
    server = Server()
    server.set_endpoint(endpoint)
    server.set_server_name("Greenline simulated plant")
    server.set_application_uri(SIMULATOR_URI)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    server.set_security_IDs(["Anonymous"])
    server.allow_remote_admin(False)
    service = _Subscriptions(server.iserver.aspace)
    server.iserver.subscription_service = service
    server.iserver.isession.subscription_service = service
    return server


def _identifier(kind: str, text: str, index: int) -> Any:
    match kind:
        case "i":
            return ua.NodeId(int(text), index)
        case "g":
            return ua.NodeId(uuid.UUID(text), index, ua.NodeIdType.Guid)
        case "b":
            return ua.NodeId(base64.b64decode(text), index, ua.NodeIdType.ByteString)
        case _:
            return ua.NodeId(text, index, ua.NodeIdType.String)


def _while_gone(node_id: Any) -> Any:
    return ua.NodeId(f"Gone/{node_id.to_string()}", 1)


def _label(role: str) -> str:
    return "".join(word.capitalize() for word in role.split("_"))


def _home(signal: Signal, meter: Meter | None, line: Line) -> str:
    """The folder of a signal: its station's, else its workshop's, else the plant's."""
    if meter is None:
        return signal.subject
    if len(meter.covers) == 1 and meter.covers[0] in line.station_index:
        return meter.covers[0]
    workshops = {s.workshop for s in line.stations if s.id in meter.stations}
    return workshops.pop() if len(workshops) == 1 and "plant" not in meter.covers else "plant"


def _sent_unit(signal: Signal, meter: Meter | None) -> str | None:
    """The unit of a meter's value as sent, before the line file's scale; None: not known."""
    if meter is None:
        return None
    base = to_base(meter.unit)
    for unit in (meter.unit, *_UNIT_CODES):
        other = to_base(unit)
        if other.unit == base.unit and other.multiplier == base.multiplier * signal.scale:
            return unit
    return None


class _Listener:
    """The server's sockets; takes the place of the library's BinaryServer."""

    def __init__(self, internal: Any, host: str, port: int, endpoint: str) -> None:
        self._internal = internal
        self._host, self._port, self._endpoint = host, port, endpoint
        self._policies: list[Any] = []
        self._loop: Any = None
        self._listening: asyncio.Server | None = None
        self._silent = False
        self._connections: weakref.WeakSet[_Connection] = weakref.WeakSet()

    def set_policies(self, policies: list[Any]) -> None:
        self._policies = policies

    def set_loop(self, loop: Any) -> None:
        self._loop = loop

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self._open(), self._loop.loop).result()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop.loop).result()

    def fall_silent(self) -> None:
        self._silent = True
        for connection in self._connections:
            connection.fall_silent()

    def speak(self) -> None:
        self._silent = False
        for connection in self._connections:
            connection.transport.abort()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(self._protocol, self._host, self._port)
        except OSError as error:
            raise EndpointError(error.errno, _refusal(error, self._endpoint)) from None

    async def _close(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for transport in list(self._internal.asyncio_transports):
            transport.abort()  # at once: a client that reads no more would hold up a close
        while self._internal.asyncio_transports:
            await asyncio.sleep(0)

    def _protocol(self) -> Any:
        connection = _Connection(self._internal, self._policies, self._silent)
        self._connections.add(connection)
        return connection


def _refusal(error: OSError, endpoint: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{endpoint}: the port is in use by another program"
    return f"{endpoint}: cannot listen there: {error.strerror or error}"


class _Connection(OPCUAProtocol):  # type: ignore[misc]  # the library is untyped
    """One client; what cannot be read ends it (the library's own stays open, and deaf)."""

    def __init__(self, internal: Any, policies: list[Any], silent: bool) -> None:
        self._silent = silent
        self.iserver = internal
        self.policies = policies
        self.clients: list[Any] = []
        self.logger = logging.getLogger(__name__)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.processor = _Processor(self.iserver, transport)
        self.processor.set_policies(self.policies)
        if self._silent:
            self.fall_silent()

    def fall_silent(self) -> None:
        """Neither reads nor sends from now on; the connection stays open."""
        self.transport.pause_reading()
        self.processor.socket = _Nowhere()

    def _process_data(self, data: bytes) -> None:
        buffer = ua.utils.Buffer(data)
        try:
            while len(buffer):
                rest = buffer.copy()
                header = _header(buffer)
                if header is None:
                    self.data = rest.read(len(rest))  # the rest of it is still to come
                    return
                if not self.processor.process(header, buffer):
                    self.transport.close()
                    return
        except Exception as error:  # whatever it sent, it ends here
            self.logger.info("%s: unreadable message: %s", self.peername, error)
            self.transport.abort()


class _Nowhere:
    """Takes what a silent connection would send."""

    def write(self, data: bytes) -> None:
        """Sends nothing."""


def _header(buffer: Any) -> Any:
    """The header of the message that the buffer holds whole, else None; raises ValueError."""
    try:
        header = header_from_binary(buffer)
    except ua.utils.NotEnoughData:
        return None
    if header.packet_size > _LARGEST_MESSAGE:
        raise ValueError("larger than this server takes")
    return header if len(buffer) >= header.body_size else None


class _Processor(UaProcessor):  # type: ignore[misc]
    """Answers with a fault where the library would give no answer at all."""

    def _process_message(self, typeid: Any, requesthdr: Any, seqhdr: Any, body: Any) -> Any:
        try:
            return super()._process_message(typeid, requesthdr, seqhdr, body)
        except ServiceError:
            raise
        except Exception as error:  # whatever was asked: this client must not wait for ever
            self.logger.info("request %s failed: %s", typeid, error)
            raise ServiceError(ua.StatusCodes.BadInternalError) from error


class _MonitoredItems(MonitoredItemService):  # type: ignore[misc]
    """Monitored items whose absolute deadband is reckoned from what was reported."""

    def deadband_callback(self, values: Any, flt: Any) -> bool:
        now, kind = values.get_current_value(), getattr(flt, "DeadbandType", 0)
        numbers = isinstance(now, int | float) and hasattr(values, "reported")
        if kind != ua.DeadbandType.Absolute or not numbers:
            values.reported = now
            return True
        if abs(now - values.reported) <= flt.DeadbandValue:
            return False
        values.reported = now
        return True


class _Subscription(InternalSubscription):  # type: ignore[misc]
    """A subscription that drops nothing while it lives, and keeps nothing when it does not."""

    def __init__(self, service: Any, data: Any, aspace: Any, callback: Any) -> None:
        super().__init__(service, data, aspace, callback)
        self.monitored_item_srv = _MonitoredItems(self, aspace)

    def enqueue_datachange_event(self, mid: int, eventdata: Any, maxsize: int) -> None:
        if not self._stopev:
            super().enqueue_datachange_event(mid, eventdata, 0)  # 0: no limit

    def publish_results(self) -> None:
        super().publish_results()
        if self._stopev:  # it has just expired
            self.monitored_item_srv.delete_all_monitored_items()

    def _pop_publish_result(self) -> Any:
        while len(self._not_acknowledged_results) >= _KEPT_FOR_REPUBLISH:
            del self._not_acknowledged_results[min(self._not_acknowledged_results)]
        return super()._pop_publish_result()


class _Subscriptions(SubscriptionService):  # type: ignore[misc]
    """Makes our subscriptions, with limits to what a client may ask."""

    def create_subscription(self, params: Any, callback: Any) -> Any:
        interval_ms = max(_LEAST_PUBLISHING_MS, params.RequestedPublishingInterval)
        keep_alive = max(1, params.RequestedMaxKeepAliveCount)
        longest = max(3 * keep_alive, round(_LIFETIME_MS / interval_ms))
        result = ua.CreateSubscriptionResult()
        result.RevisedPublishingInterval = interval_ms
        result.RevisedMaxKeepAliveCount = keep_alive
        result.RevisedLifetimeCount = max(
            3 * keep_alive, min(params.RequestedLifetimeCount, longest)
        )
        with self._lock:
            self._sub_id_counter += 1
            result.SubscriptionId = self._sub_id_counter
            subscription = _Subscription(self, result, self.aspace, callback)
            self.subscriptions[result.SubscriptionId] = subscription
            subscription.start()
        return result
