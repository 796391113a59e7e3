"""The ``opcua`` package's own server, in this process, as a peer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opcua import Server, ua

from tests.peers.peer_node import free_port

URI = "urn:peer:stock"


class StockServer:
    """Variables by name, served on a free loopback port; ``restart`` keeps the port."""

    def __init__(self, values: dict[str, Any], certificates: Path | None = None) -> None:
        self.port = free_port()
        self.url = f"opc.tcp://127.0.0.1:{self.port}"
        self._values = dict(values)
        self._certificates = certificates
        self._before: list[str] = []
        self._server: Server | None = None
        self.nodes: dict[str, Any] = {}

    def start(self, *, before: tuple[str, ...] = ()) -> StockServer:
        """Serves; ``before`` are namespaces that come before ours."""
        server = self._server = Server()
        server.set_endpoint(self.url)
        policies = [ua.SecurityPolicyType.NoSecurity]
        if self._certificates is not None:
            server.load_certificate(str(self._certificates / "server.der"))
            server.load_private_key(str(self._certificates / "server_key.pem"))
            policies.append(ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt)
        server.set_security_policy(policies)
        for uri in before:
            server.register_namespace(uri)
        index = server.register_namespace(URI)
        objects = server.get_objects_node()
        for name, value in self._values.items():
            value, kind = value if isinstance(value, tuple) else (value, None)
            self.nodes[name] = objects.add_variable(ua.NodeId(name, index), name, value, kind)
        server.start()
        return self

    def reset(self) -> None:
        """Every value as at the beginning."""
        for name, value in self._values.items():
            value, kind = value if isinstance(value, tuple) else (value, None)
            self.nodes[name].set_value(value, kind)

    def add_speed(self, speed: float) -> None:
        assert self._server is not None
        index = self._server.register_namespace("urn:greenline:sim")
        node = ua.NodeId("Greenline/Speed", index)
        self._server.get_objects_node().add_variable(node, "Speed", speed)

    def set(self, name: str, value: Any) -> None:
        self.nodes[name].set_value(value)

    def set_value(self, name: str, value: Any) -> None:
        """Sets a whole DataValue: status and time stamps too."""
        self.nodes[name].set_data_value(value)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None


def node(name: str) -> str:
    return f"nsu={URI};s={name}"
