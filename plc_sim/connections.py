"""The server's sockets, and what a client may say before it is let in.

- A message that cannot be read, or is larger than the server takes, ends its connection (the
  library's own stays open, and deaf); a request that fails is answered so.
- Only who has activated a session gets more than the list of endpoints.
- The endpoint can go down and come up again without losing the address space.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import weakref
from typing import Any

from opcua import ua
from opcua.common.utils import ServiceError
from opcua.server.binary_server_asyncio import OPCUAProtocol
from opcua.server.internal_server import SessionState
from opcua.server.uaprocessor import UaProcessor
from opcua.ua.ua_binary import header_from_binary

_LARGEST_MESSAGE = 16 * 1024 * 1024
_OPEN_TO_ALL = frozenset(
    ua.NodeId(getattr(ua.ObjectIds, f"{name}Request_Encoding_DefaultBinary"))
    for name in (
        "GetEndpoints",
        "FindServers",
        "CreateSession",
        "ActivateSession",
        "CloseSession",
        "CloseSecureChannel",
    )
)


class EndpointError(OSError):
    """The endpoint cannot be had: its port is in use, or the address is none of this machine."""

    def __str__(self) -> str:
        return str(self.strerror)


class Listener:
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
        """The channels that are offered."""
        self._policies = policies

    def set_loop(self, loop: Any) -> None:
        """The library's loop thread, on which all of this runs."""
        self._loop = loop

    def start(self) -> None:
        """Listens; raises EndpointError."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop.loop).result()

    def stop(self) -> None:
        """Listens no more and cuts every connection."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop.loop).result()

    def fall_silent(self) -> None:
        """Keeps every connection open, and neither reads nor sends any more; on the loop."""
        self._silent = True
        for connection in self._connections:
            connection.fall_silent()

    def speak(self) -> None:
        """Cuts the connections of the silence; on the loop."""
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
    """One client; what cannot be read ends it."""

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
        session = self.session
        if session is not None:
            mode = self._connection.security_policy.Mode
            session.encrypted = mode == ua.MessageSecurityMode.SignAndEncrypt
        if typeid not in _OPEN_TO_ALL and not _is_active(session):
            raise ServiceError(ua.StatusCodes.BadSessionNotActivated)
        try:
            return super()._process_message(typeid, requesthdr, seqhdr, body)
        except ServiceError:
            raise
        except Exception as error:  # whatever was asked: this client must not wait for ever
            self.logger.info("request %s failed: %s", typeid, error)
            raise ServiceError(ua.StatusCodes.BadInternalError) from error


def _is_active(session: Any) -> bool:
    return session is not None and session.state == SessionState.Activated
