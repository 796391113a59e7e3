"""What is added to the ``opcua`` client: hooks that fit, a guard, and no way to write."""

from __future__ import annotations

import ast
import hashlib
import inspect
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from opcua import Client, ua
from opcua.client.ua_client import UaClient, UASocketClient
from opcua.common.connection import MessageChunk, SecureConnection
from opcua.common.utils import Buffer
from opcua.crypto.security_policies import Cryptography, SignerHMac256, VerifierHMac256
from opcua.ua import ua_binary

import data.sources
from data.certificates import fingerprint
from data.sources.opcua_client import (
    MAX_CHUNK_BYTES,
    MAX_CHUNKS,
    MAX_MESSAGE_BYTES,
    GuardedConnection,
    GuardError,
    MonitorClient,
    UnknownLibraryError,
    require_known_library,
)
from data.sources.opcua_link import default_queue, full_url, resolve
from data.sources.opcua_security import RefusedError, check_certificate, client_certificate
from data.sources.opcua_source import NoConnection, OpcuaSource
from tests.peers.peer_watch import line_of


def digest(function: Callable[..., Any]) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12]


# The library's own text that we replace or rely on, and its digest.
HOOKS = {
    "SecureConnection.set_channel": (SecureConnection.set_channel, "bd6e18a6ea0d"),
    "SecureConnection.revolve_tokens": (SecureConnection.revolve_tokens, "45a28f4c6b60"),
    "SecureConnection._check_sym_header": (SecureConnection._check_sym_header, "02ac769657d6"),
    "SecureConnection.receive_from_socket": (SecureConnection.receive_from_socket, "602b5a9718f3"),
    "SecureConnection.receive_from_header_and_body": (
        SecureConnection.receive_from_header_and_body,
        "335a54e2d515",
    ),
    "SecureConnection._receive": (SecureConnection._receive, "f852025b36eb"),
    "UASocketClient.__init__": (UASocketClient.__init__, "475e5d4a1a8a"),
    "UASocketClient._send_request": (UASocketClient._send_request, "ec9d900ecae3"),
    "UASocketClient._receive": (UASocketClient._receive, "6e897d841960"),
    "UASocketClient.open_secure_channel": (UASocketClient.open_secure_channel, "09b083b40ae1"),
    "UASocketClient.send_hello": (UASocketClient.send_hello, "96e4cec75e00"),
    "UaClient.publish": (UaClient.publish, "ca03c9243d0d"),
    "UaClient.connect_socket": (UaClient.connect_socket, "8a51f4bbb3ed"),
    "Client.connect": (Client.connect, "506abd9ba176"),
    "Client.create_session": (Client.create_session, "b14774d12bf3"),
    "Client.open_secure_channel": (Client.open_secure_channel, "1e4d68943416"),
    "variant_from_binary": (ua_binary.variant_from_binary, "e2cf3f1e9b66"),
    "unpack_uatype": (ua_binary.unpack_uatype, "e2d9a3b52ccb"),
}


@pytest.mark.parametrize("name", HOOKS)
def test_hooked_insides_are_those_that_were_read(name: str) -> None:
    function, expected = HOOKS[name]
    assert digest(function) == expected


def test_another_version_of_the_library_is_refused() -> None:
    require_known_library()
    with pytest.raises(UnknownLibraryError, match=r"opcua 0\.99.*pip install opcua==0\.98\.13"):
        require_known_library("0.99")


def token(number: int) -> Any:
    found = ua.OpenSecureChannelResult()
    found.SecurityToken.TokenId = number
    return found


def test_messages_of_the_old_token_are_taken_after_a_renewal() -> None:
    connection = GuardedConnection(ua.SecurityPolicy())
    header = ua.SymmetricAlgorithmHeader()
    connection.set_channel(token(1), ua.SecurityTokenRequestType.Issue, b"")
    connection.set_channel(token(2), ua.SecurityTokenRequestType.Renew, b"")
    for number in (1, 2, 1):  # before and after the server has switched
        header.TokenId = number
        connection._check_sym_header(header)
    connection.revolve_tokens()
    connection._check_sym_header(header)
    connection.set_channel(token(3), ua.SecurityTokenRequestType.Renew, b"")
    with pytest.raises(ua.UaError, match="token 1 was never given"):
        connection._check_sym_header(header)


class Signed(ua.SecurityPolicy):  # type: ignore[misc]
    """Messages are signed with what both nonces make."""

    def __init__(self) -> None:
        super().__init__()
        self.symmetric_cryptography = Cryptography(ua.MessageSecurityMode.Sign)

    def make_local_symmetric_key(self, secret: bytes, seed: bytes) -> None:
        self.symmetric_cryptography.Signer = SignerHMac256(secret + seed)

    def make_remote_symmetric_key(self, secret: bytes, seed: bytes) -> None:
        self.symmetric_cryptography.Verifier = VerifierHMac256(secret + seed)


def signed_chunk(token_id: int, number: int, key: bytes) -> Buffer:
    """A message of a server, whole on the wire."""
    policy = Signed()
    policy.symmetric_cryptography.Signer = SignerHMac256(key)
    message = MessageChunk(policy.symmetric_cryptography, b"body", chunk_type=ua.ChunkType.Single)
    message.SecurityHeader.TokenId = token_id
    message.SequenceHeader.RequestId, message.SequenceHeader.SequenceNumber = 1, number
    return Buffer(message.to_binary())


def renewed(nonces: dict[int, bytes]) -> GuardedConnection:
    """A connection whose tokens came with these nonces of ours; the server's are empty."""
    connection = GuardedConnection(Signed())
    request = ua.SecurityTokenRequestType.Issue
    for number, nonce in nonces.items():
        given = token(number)
        given.ServerNonce = b"server"
        connection.set_channel(given, request, nonce)
        request = ua.SecurityTokenRequestType.Renew
    return connection


@pytest.mark.parametrize("named", [1, 2])
@pytest.mark.parametrize("key", [b"firstserver", b"secondserver"])
def test_a_server_may_name_the_old_token_with_the_new_keys(named: int, key: bytes) -> None:
    connection = renewed({1: b"first", 2: b"second"})
    wire = signed_chunk(named, 1, key)
    header = ua_binary.header_from_binary(wire)
    if (named, key) == (2, b"firstserver"):  # the other way round is nobody's right
        with pytest.raises(InvalidSignature):
            connection.receive_from_header_and_body(header, wire)
    else:
        assert connection.receive_from_header_and_body(header, wire).body().read(4) == b"body"


def test_a_message_that_no_key_made_is_refused() -> None:
    connection = renewed({1: b"first", 2: b"second"})
    wire = signed_chunk(1, 1, b"stranger")
    with pytest.raises(InvalidSignature):
        connection.receive_from_header_and_body(ua_binary.header_from_binary(wire), wire)


def chunk(number: int, size: int) -> Any:
    return SimpleNamespace(
        MessageHeader=SimpleNamespace(
            MessageType=ua.MessageType.SecureOpen,
            ChunkType=ua.ChunkType.Intermediate,
            ChannelId=0,
        ),
        SequenceHeader=SimpleNamespace(RequestId=1, SequenceNumber=number),
        Body=bytes(size),
    )


@pytest.mark.parametrize(
    ("size", "fit"), [(1, MAX_CHUNKS), (MAX_CHUNK_BYTES, MAX_MESSAGE_BYTES // MAX_CHUNK_BYTES)]
)
def test_a_message_is_bounded(monkeypatch: pytest.MonkeyPatch, size: int, fit: int) -> None:
    connection = GuardedConnection(ua.SecurityPolicy())
    monkeypatch.setattr(connection, "_check_incoming_chunk", lambda chunk: None)
    for number in range(fit):
        connection._receive(chunk(number, size))
    with pytest.raises(GuardError, match="over the limit"):
        connection._receive(chunk(fit, size))


@pytest.mark.parametrize(
    "kind", [ua.VariantType.Null, ua.VariantType.Double, ua.VariantType.String]
)
def test_the_library_believes_no_array_that_does_not_fit(kind: ua.VariantType) -> None:
    data = bytes([0x80 | kind.value]) + struct.pack("<i", 2**31 - 1)
    with pytest.raises(ua.UaError, match="an array of 2147483647 elements"):
        ua_binary.variant_from_binary(Buffer(data))


def test_the_library_believes_no_dimensions_that_do_not_fit() -> None:
    data = bytes([0xC3]) + struct.pack("<iBiii", 1, 7, 2, 2**30, 2**30)
    with pytest.raises(ua.UaError, match="dimensions"):
        ua_binary.variant_from_binary(Buffer(data))


def test_honest_arrays_are_read_as_before() -> None:
    for value in ([1.0, 2.0], [], [[1, 2], [3, 4]], ["a", "b"]):
        variant = ua.Variant(value) if value else ua.Variant([], ua.VariantType.Double)
        data = ua_binary.variant_to_binary(variant)
        assert ua_binary.variant_from_binary(Buffer(data)).Value == value


@contextmanager
def hostile_server(answer: bytes) -> Iterator[str]:
    """Takes one connection after the other and answers whatever comes with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    peer, _ = listener.accept()
                except TimeoutError:
                    continue
                with peer:
                    peer.settimeout(1)
                    try:
                        peer.recv(65536)
                        peer.sendall(answer)
                        peer.recv(65536)
                    except OSError:
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"opc.tcp://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()


ACKNOWLEDGE = struct.pack("<4sI5I", b"ACKF", 28, 0, 65536, 65536, 0, 0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (struct.pack("<4sI", b"MSGF", 2**31) + bytes(64), "over the limit"),
        (struct.pack("<4sI", b"ACKF", 3) + bytes(64), "smaller than its own header"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "over the limit|Unsupported message type"),
        (struct.pack("<4sI5I", b"ACKF", 28, 0, 16, 16, 0, 0), "chunks of 16 bytes"),
        (
            ACKNOWLEDGE + b"OPNF" + struct.pack("<II", 40, 1) + bytes(28),
            "protocol error: (?!unpack)",
        ),
        (ACKNOWLEDGE + b"\xff" * 64, "over the limit|protocol error"),
        (struct.pack("<4sIIi", b"ERRF", 16, 0x80830000, -1), "BadTcpEndpointUrlInvalid"),
        (b"", "closed the connection|no answer"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_hostile_answers_end_the_connection_with_a_reason(answer: bytes, reason: str) -> None:
    before = threading.active_count()
    with hostile_server(answer) as url:
        source = OpcuaSource(line_of(url, {"P": "ns=1;s=P"}), first_try_s=0.2)
        with pytest.raises(NoConnection, match=reason):
            next(source.blocks())
    deadline_s = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert threading.active_count() <= before


def test_only_the_librarys_own_time_warnings_are_silenced() -> None:
    script = """
import warnings
import data.sources.opcua_client
for module in ("opcua.client.client", "elsewhere"):
    for said in ("datetime.datetime.utcnow() is deprecated", "something else"):
        warnings.warn_explicit(f"{said} in {module}", DeprecationWarning, module, 1, module)
"""
    command = [sys.executable, "-W", "default::DeprecationWarning", "-c", script]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "utcnow() is deprecated in opcua" not in shown
    for said in ("else in opcua", "utcnow() is deprecated in elsewhere", "else in elsewhere"):
        assert said in shown


WRITERS = {
    "write", "set_value", "set_data_value", "set_attribute", "set_writable", "call", "call_method",
    "add_nodes", "delete_nodes", "add_references", "delete_references", "history_update",
    "WriteRequest", "CallRequest", "AddNodesRequest", "DeleteNodesRequest",
    "HistoryUpdateRequest", "SetTriggeringRequest",
}  # fmt: skip


def test_nothing_in_the_source_can_write_to_a_server() -> None:
    files = sorted(Path(data.sources.__path__[0]).glob("opcua*.py"))
    assert len(files) >= 5
    for file in files:
        for found in ast.walk(ast.parse(file.read_text())):
            if isinstance(found, ast.Attribute) and found.attr in WRITERS:
                # Bytes go to a socket and to the certificate's file.
                assert ast.unparse(found) in ("self._socket.write", "file.write"), file


def test_node_ids_are_resolved_by_uri() -> None:
    namespaces = ["http://opcfoundation.org/UA/", "urn:a", "urn:b"]
    assert resolve("nsu=urn:b;s=X;Y", namespaces) == ua.NodeId("X;Y", 2)
    assert resolve("nsu=urn:a;i=5", namespaces) == ua.NodeId(5, 1)
    assert resolve("ns=7;s=X", namespaces) == ua.NodeId("X", 7)
    guid = "72962b91-fa75-4ae6-8d28-b404dc7daf63"
    assert resolve(f"g={guid}", namespaces) == ua.NodeId(uuid.UUID(guid), 0)
    assert resolve("ns=1;b=AQI=", namespaces) == ua.NodeId(b"\x01\x02", 1)
    for wrong in ("nsu=urn:c;s=X", "nsu=urn:a", "s", "", "ns=1;z=5", "ns=1;i=five"):
        with pytest.raises(ua.UaStatusCodeError):
            resolve(wrong, namespaces)


def test_urls_get_their_port() -> None:
    assert full_url("opc.tcp://plc") == "opc.tcp://plc:4840"
    assert full_url("opc.tcp://[::1]:5/x") == "opc.tcp://[::1]:5/x"


def test_default_queue_holds_two_publishing_intervals() -> None:
    assert default_queue(1000, 50) >= 40
    assert default_queue(100, 0) > 0


def test_certificate_is_made_once_and_its_key_is_ours_alone(tmp_path: Path) -> None:
    certificate, key = client_certificate(tmp_path / "new")
    again, _ = client_certificate(tmp_path / "new")
    assert certificate == again
    assert key.key_size == 2048
    assert (tmp_path / "new" / "opcua_client_key.pem").stat().st_mode & 0o077 == 0
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    assert uris == [MonitorClient("opc.tcp://x:1", 1, print).application_uri]


def test_broken_certificate_is_one_clear_line(tmp_path: Path) -> None:
    for name in ("opcua_client.der", "opcua_client_key.pem"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(RefusedError, match="our own certificate in"):
        client_certificate(tmp_path)


def test_server_certificate_must_be_the_trusted_one_in_its_time(tmp_path: Path) -> None:
    der = client_certificate(tmp_path)[0].public_bytes(serialization.Encoding.DER)
    now, shown = datetime.now(UTC), fingerprint(der)
    check_certificate(der, shown, now)
    check_certificate(der, shown.replace(":", "").lower(), now)
    with pytest.raises(RefusedError, match=f"unknown, its fingerprint is {shown}"):
        check_certificate(der, None, now)
    with pytest.raises(RefusedError, match="not AA"):
        check_certificate(der, "AA" * 32, now)
    with pytest.raises(RefusedError, match=r"valid from .* only"):
        check_certificate(der, shown, now + timedelta(days=4000))
    with pytest.raises(RefusedError, match="cannot be read"):
        check_certificate(b"x", fingerprint(b"x"), now)
