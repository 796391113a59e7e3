"""The ``opcua`` client with what long monitoring needs: renewal, guard, raw publish responses.

opcua 0.98.13 is no longer developed. What it lacks is added by subclasses, so that a server in the
same process keeps its own behaviour; they reach into the library's insides, hence the exact
version. Differences from the library:

- messages secured with the previous channel token are accepted after a renewal, as Part 6, 6.7.4
  asks; the library goes silent for good at the first one;
- a message that names the token before, but is secured with the keys of the new one, is accepted
  too: node-opcua sends such ones while it switches;
- chunk and message sizes are announced and enforced (CVE-2022-25304);
- an array's length is checked against the bytes that are left before it is believed;
- a protocol error ends the connection, with its reason, instead of being logged;
- publish responses are handed over as bytes;
- no thread keeps the session alive: whoever drives the client renews the channel when it is due.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from importlib.metadata import version
from typing import Any

from cryptography.exceptions import InvalidSignature
from opcua import Client, ua
from opcua.client.ua_client import UaClient, UASocketClient
from opcua.common.connection import MessageChunk, SecureConnection
from opcua.common.utils import Buffer, SocketClosedException, create_nonce
from opcua.ua import ua_binary

KNOWN_VERSION = "0.98.13"
MAX_CHUNK_BYTES = 65_536
MAX_CHUNKS = 1_024
MAX_MESSAGE_BYTES = 32 << 20
LEAST_CHUNK_BYTES = 8_192  # Part 6, 7.1.2.3
RENEW_AT = 0.7  # of the channel's lifetime
APPLICATION_URI = "urn:greenline:monitor"

# The library stamps its requests with utcnow(); nothing else is silenced.
warnings.filterwarnings("ignore", r"datetime\.datetime\.utc", DeprecationWarning, module=r"opcua\.")
logging.getLogger("opcua").addHandler(logging.NullHandler())

Deliver = Callable[[bytes], None]


class UnknownLibraryError(RuntimeError):
    """Another version of ``opcua`` than the one whose insides are known."""


class GuardError(SocketClosedException):  # type: ignore[misc]
    """A message larger than was announced."""


def require_known_library(found: str | None = None) -> None:
    """Raises UnknownLibraryError unless the installed ``opcua`` is the known version."""
    found = found or version("opcua")
    if found != KNOWN_VERSION:
        raise UnknownLibraryError(
            f"opcua {found} is installed, but its insides are known in {KNOWN_VERSION} alone:"
            f" pip install opcua=={KNOWN_VERSION}"
        )


class GuardedConnection(SecureConnection):  # type: ignore[misc]
    """A secure channel that survives its renewal and takes no message larger than announced."""

    def __init__(self, security_policy: Any) -> None:
        super().__init__(security_policy)
        self.heard_s = time.monotonic()  # when a chunk last came
        self._remote_keys: dict[int, tuple[Any, Any]] = {}
        self._incoming_bytes = 0

    def set_channel(self, params: Any, request_type: Any, client_nonce: bytes) -> None:
        """Takes a new token; the keys of the one before stay good for what is on its way."""
        before = self._keys()
        super().set_channel(params, request_type, client_nonce)
        self.security_policy.make_remote_symmetric_key(self.local_nonce, self.remote_nonce)
        self._remote_keys[params.SecurityToken.TokenId] = self._keys()
        while len(self._remote_keys) > 2:
            self._remote_keys.pop(next(iter(self._remote_keys)))
        if request_type == ua.SecurityTokenRequestType.Renew:
            self._use_keys(before)

    def _keys(self) -> tuple[Any, Any]:
        crypto = self.security_policy.symmetric_cryptography
        return getattr(crypto, "Verifier", None), getattr(crypto, "Decryptor", None)

    def _use_keys(self, keys: tuple[Any, Any]) -> None:
        if keys[0] is not None:
            crypto = self.security_policy.symmetric_cryptography
            crypto.Verifier, crypto.Decryptor = keys

    def _check_sym_header(self, header: Any) -> None:
        keys = self._remote_keys.get(header.TokenId)
        if keys is None:
            raise ua.UaError(f"security token {header.TokenId} was never given")
        self._use_keys(keys)

    def receive_from_socket(self, wrapper: Any) -> Any:
        """The next message, None for a part of one. Raises GuardError where it is too large."""
        header = ua_binary.header_from_binary(wrapper)
        if header.body_size < 0:
            raise GuardError("a chunk that says it is smaller than its own header")
        if header.body_size > MAX_CHUNK_BYTES:
            raise GuardError(
                f"a chunk of {header.body_size} bytes, over the limit of {MAX_CHUNK_BYTES}"
            )
        body = Buffer(wrapper.read(header.body_size))
        self.heard_s = time.monotonic()
        return self.receive_from_header_and_body(header, body)

    def receive_from_header_and_body(self, header: Any, body: Any) -> Any:
        """The message of a chunk, None for a part; raises InvalidSignature where no key fits."""
        again = body.copy(header.body_size)
        try:
            return super().receive_from_header_and_body(header, body)
        except InvalidSignature:
            if header.MessageType == ua.MessageType.SecureOpen or len(self._remote_keys) < 2:
                raise
        self._use_keys(self._keys_of_newest())
        return self._receive(MessageChunk.from_header_and_body(self.security_policy, header, again))

    def _keys_of_newest(self) -> tuple[Any, Any]:
        return self._remote_keys[next(reversed(self._remote_keys))]

    def _receive(self, chunk: Any) -> Any:
        if not self._incoming_parts:
            self._incoming_bytes = 0
        self._incoming_bytes += len(chunk.Body)
        if len(self._incoming_parts) >= MAX_CHUNKS or self._incoming_bytes > MAX_MESSAGE_BYTES:
            raise GuardError(f"a message over the limit of {MAX_MESSAGE_BYTES} bytes")
        return super()._receive(chunk)


class GuardedSocket(UASocketClient):  # type: ignore[misc]
    """The receiving thread; when it ends, ``ended`` says why."""

    def __init__(self, timeout: float, security_policy: Any) -> None:
        super().__init__(timeout, security_policy)
        self._connection = GuardedConnection(security_policy)
        self.ended: str | None = None

    @property
    def heard_s(self) -> float:
        """Monotonic time at which a chunk last came [s]."""
        return float(self._connection.heard_s)

    def start(self) -> None:
        """Starts the receiving thread, which never keeps the program from ending."""
        self._thread = threading.Thread(target=self._run, name="opcua-receive", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._do_stop:
                self._receive()
        except GuardError as error:
            self.ended = f"it sent {error}"
        except SocketClosedException:
            self.ended = None if self._do_stop else "the server closed the connection"
        except struct.error:
            self.ended = "protocol error: a message ends before it should"
        except Exception as error:  # whatever a broken peer can provoke
            self.ended = f"protocol error: {error or type(error).__name__}"
        self._connection.close()
        self._abort()
        self._cancel_all_callbacks()

    def _abort(self) -> None:
        with contextlib.suppress(OSError):  # it may be closed already
            self._socket.socket.shutdown(socket.SHUT_RDWR)

    def _cancel_all_callbacks(self) -> None:
        with self._lock:
            futures = list(self._callbackmap.values())
            self._callbackmap.clear()
        for future in futures:
            future.cancel()

    def disconnect_socket(self) -> None:
        """Closes the socket and waits for the receiving thread."""
        self._do_stop = True
        self._abort()
        self._socket.socket.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def send_hello(self, url: str, max_messagesize: int = 0, max_chunkcount: int = 0) -> Any:
        """Announces our limits; raises where the server's leave no room to speak."""
        hello = ua.Hello()
        hello.EndpointUrl = url
        hello.ReceiveBufferSize = hello.SendBufferSize = MAX_CHUNK_BYTES
        hello.MaxMessageSize, hello.MaxChunkCount = MAX_MESSAGE_BYTES, MAX_CHUNKS
        future: Future[Any] = Future()
        with self._lock:
            self._callbackmap[0] = future
        self._socket.write(ua_binary.uatcp_to_binary(ua.MessageType.Hello, hello))
        answer = future.result(self.timeout)
        if isinstance(answer, ua.Acknowledge):
            if answer.ReceiveBufferSize < LEAST_CHUNK_BYTES:
                raise ua.UaError(
                    f"the server takes chunks of {answer.ReceiveBufferSize} bytes,"
                    f" at least {LEAST_CHUNK_BYTES} are prescribed"
                )
            self._connection._max_chunk_size = min(answer.ReceiveBufferSize, MAX_CHUNK_BYTES)
        return answer

    def open_secure_channel(self, params: Any) -> Any:
        """Opens or renews the channel; every failure reaches the caller."""
        request = ua.OpenSecureChannelRequest()
        request.Parameters = params
        outcome: Future[Any] = Future()

        def take(future: Future[Any]) -> None:  # on the receiving thread: before the next chunk
            try:
                response = ua_binary.struct_from_binary(
                    ua.OpenSecureChannelResponse, future.result()
                )
                response.ResponseHeader.ServiceResult.check()
                self._connection.set_channel(
                    response.Parameters, params.RequestType, params.ClientNonce
                )
            except Exception as error:  # it is the caller's to judge
                outcome.set_exception(error)
            else:
                outcome.set_result(response.Parameters)

        self._send_request(request, take, message_type=ua.MessageType.SecureOpen)
        return outcome.result(self.timeout)


class BlockUaClient(UaClient):  # type: ignore[misc]
    """Services on a guarded socket; publish responses go to ``deliver`` as they are."""

    def __init__(self, timeout: float, deliver: Deliver) -> None:
        super().__init__(timeout)
        self._deliver = deliver

    @property
    def link(self) -> GuardedSocket | None:
        """The socket, None before the first connection."""
        return self._uasocket

    def connect_socket(self, host: str, port: int) -> None:
        """Opens a guarded connection."""
        self._uasocket = GuardedSocket(self._timeout, self.security_policy)
        self._uasocket.connect_socket(host, port)

    def set_timeout(self, timeout_s: float) -> None:
        """From now on an answer is awaited for so long."""
        self._timeout = timeout_s
        if self._uasocket is not None:
            self._uasocket.timeout = timeout_s

    def create_subscription(self, params: Any) -> Any:
        """Creates a subscription; publishing is up to the caller."""
        request = ua.CreateSubscriptionRequest()
        request.Parameters = params
        data = self._uasocket.send_request(request)
        response = ua_binary.struct_from_binary(ua.CreateSubscriptionResponse, data)
        response.ResponseHeader.ServiceResult.check()
        return response.Parameters

    def send_async(self, request: Any, done: Callable[[Any], None]) -> None:
        """Sends a request whose answer is not awaited."""
        self._uasocket.send_request(request, done)

    def _call_publish_callback(self, future: Future[Any]) -> None:
        try:
            body = future.result()
        except CancelledError:
            return
        self._deliver(body.read(len(body)))


class MonitorClient(Client):  # type: ignore[misc]
    """A client that only looks, and that renews its channel when asked to.

    url: "opc.tcp://HOST:PORT..."; timeout_s: for each answer; deliver: takes the bytes of each
    publish response, on the receiving thread.
    """

    def __init__(self, url: str, timeout_s: float, deliver: Deliver) -> None:
        require_known_library()
        super().__init__(url, timeout_s)
        self.uaclient = BlockUaClient(timeout_s, deliver)
        self.name = self.description = "Greenline"
        self.application_uri = self.product_uri = APPLICATION_URI
        self.renew_at_s = 0.0  # monotonic

    def open_secure_channel(self, renew: bool = False) -> None:
        """Opens or renews the channel, and reckons when to renew it next."""
        super().open_secure_channel(renew)
        self.renew_at_s = time.monotonic() + self.secure_channel_timeout / 1000 * RENEW_AT

    def create_session(self) -> Any:
        """Creates the session, as the library does, but without its keep-alive thread."""
        params = self._session_parameters()
        response = self.uaclient.create_session(params)
        own = self.security_policy.client_certificate or b""
        self.security_policy.asymmetric_cryptography.verify(
            own + params.ClientNonce, response.ServerSignature.Signature
        )
        self._server_nonce = response.ServerNonce
        expected = self.security_policy.server_certificate
        if expected and expected != response.ServerCertificate:
            raise ua.UaError("the session's certificate differs from the channel's")
        self.security_policy.server_certificate = response.ServerCertificate
        endpoint = Client.find_endpoint(
            response.ServerEndpoints, self.security_policy.Mode, self.security_policy.URI
        )
        self._policy_ids = endpoint.UserIdentityTokens
        self.session_timeout = response.RevisedSessionTimeout
        return response

    def _session_parameters(self) -> Any:
        about = ua.ApplicationDescription()
        about.ApplicationUri = self.application_uri
        about.ProductUri = self.product_uri
        about.ApplicationName = ua.LocalizedText(self.name)
        about.ApplicationType = ua.ApplicationType.Client
        params = ua.CreateSessionParameters()
        params.ClientNonce = create_nonce(32)
        params.ClientCertificate = self.security_policy.client_certificate
        params.ClientDescription = about
        params.EndpointUrl = self.server_url.geturl()
        params.SessionName = f"{self.name} {create_nonce(4).hex()}"
        params.RequestedSessionTimeout = self.session_timeout
        params.MaxResponseMessageSize = MAX_MESSAGE_BYTES
        return params

    def close_session(self) -> Any:
        """Closes the session and its subscriptions."""
        return self.uaclient.close_session(True)

    def drop(self) -> None:
        """Closes the socket without a word, whatever state it is in."""
        link = self.uaclient.link
        if link is not None and link._socket is not None:
            link.disconnect_socket()


def _install_array_guard() -> None:
    unpack_array, reshape = ua_binary.unpack_uatype_array, ua_binary._reshape

    def guarded_array(kind: Any, data: Any) -> Any:
        size = ua_binary.Primitives.Int32.unpack(data.copy(4))
        if size > len(data) - 4 or kind == ua.VariantType.Null:
            raise ua.UaError(f"an array of {size} elements in {len(data)} bytes")
        return unpack_array(kind, data)

    def guarded_reshape(flat: list[Any], dimensions: list[int]) -> Any:
        total = 1
        for size in dimensions:
            total *= max(size, 1)
        if total > max(len(flat), 1):
            raise ua.UaError(f"dimensions {dimensions} for {len(flat)} elements")
        return reshape(flat, dimensions)

    ua_binary.unpack_uatype_array, ua_binary._reshape = guarded_array, guarded_reshape


if not getattr(ua_binary, "greenline_guard", False):
    _install_array_guard()
    ua_binary.greenline_guard = True
