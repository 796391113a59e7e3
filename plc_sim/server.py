"""The OPC UA server around a plant's signals, on ``opcua`` 0.98.13 with its weak points mended.

Everything that the server does happens on its one loop thread, writes included: so no value slips
through between a subscription's first value and its next. What is mended, each with a test, stands
in ``connections`` (messages), ``subscriptions`` (what is reported), ``server_security`` (who may
look; nobody writes) and ``live_values`` (what a value costs).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from opcua import Server, ua
from opcua.server.address_space import AttributeValue
from opcua.server.internal_server import InternalServer

from data.line import Line
from data.toml_file import Faults, whole
from plc_sim.address_space import Space
from plc_sim.connections import EndpointError, Listener
from plc_sim.energy_model import EnergyModel
from plc_sim.line_nodes import LineNodes
from plc_sim.machines import Machines
from plc_sim.server_security import (
    SIMULATOR_URI,
    Access,
    GuestSession,
    Users,
    endpoints,
    policies,
)
from plc_sim.signals import Change
from plc_sim.subscriptions import Subscriptions

__all__ = ["DEFAULT_PORT", "EndpointError", "SimServer", "host_and_port"]

SPEED_NODE = "Greenline/Speed"
DEFAULT_PORT = 4840

_NAME = "Greenline simulated plant"


class SimServer:
    """Serves the signals of a line; ``start`` it, ``write`` changes, ``stop`` it."""

    def __init__(
        self,
        line: Line,
        opc_types: tuple[str, ...],
        endpoint: str,
        speed: float,
        access: Access | None = None,
    ) -> None:
        """``opc_types`` by signal index; without ``access`` the open endpoint alone.

        Raises Faults for nodes that no server can have.
        """
        # Its warnings speak of certificates that nobody asked for and attributes that clients try.
        logging.getLogger("opcua.server").setLevel(logging.ERROR)
        host, port = host_and_port(endpoint)
        self.endpoint = endpoint
        self._server = _bare_server(endpoint, access)
        self._listener = Listener(self._server.iserver, host, port, endpoint)
        self._server.bserver = self._listener
        nodes = _build(Space(self._server), line, opc_types, speed)
        self._values, self._node_ids = nodes.values, nodes.ids

    def start(self, values: Iterable[Change]) -> None:
        """Sets the first values and listens; raises EndpointError."""
        self._set(values)
        self._server.start()

    def write(self, changes: Iterable[Change]) -> None:
        """Sets values in order, each reported to every subscriber; returns when that is done."""
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
        return len(self._values[index].datachange_callbacks)

    def _set(self, changes: Iterable[Change]) -> None:
        values = self._values
        for index, time_ns, value, status in changes:
            values[index].set(value, time_ns, status)

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


def _build(space: Space, line: Line, opc_types: tuple[str, ...], speed: float) -> LineNodes:
    """All nodes of a line; gives those that the line file names."""
    # The line's own nodes first: their namespaces have the numbers that the line file counts on.
    nodes = LineNodes(space, line, opc_types)
    machines = Machines(space, line, nodes)
    EnergyModel(space, line, nodes, machines.ids)
    shown = AttributeValue(ua.DataValue(ua.Variant(speed, ua.VariantType.Double)))
    name = ua.QualifiedName("Speed", 1)
    space.variable(nodes.folders["plant"], space.own_id(SPEED_NODE), name, shown, "Double")
    return nodes


def _while_gone(node_id: Any) -> Any:
    return ua.NodeId(f"Gone/{node_id.to_string()}", 1)


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


def _bare_server(endpoint: str, access: Access | None) -> Any:
    server = Server(iserver=InternalServer(session_cls=GuestSession))
    server.set_endpoint(endpoint)
    server.set_server_name(_NAME)
    server.set_application_uri(SIMULATOR_URI)
    server.user_manager = Users(access)
    server.set_security_policy([])  # the library would offer a password in the clear
    server._policies = policies(access)
    for offered in endpoints(access, endpoint, _NAME):
        server.iserver.add_endpoint(offered)
    service = Subscriptions(server.iserver.aspace)
    server.iserver.subscription_service = service
    server.iserver.isession.subscription_service = service
    return server
