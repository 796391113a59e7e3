"""Who may look at the simulated plant, over which channel; and that nobody may more than look."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from opcua import Client, ua
from opcua.crypto.security_policies import SecurityPolicyBasic256Sha256

import main
from data.certificates import CertificateError, monitor, own_certificate
from data.line import Line
from data.line_file import load_line, parse_line
from data.sources.opcua_security import PASSWORD_VARIABLE as CLIENT_VARIABLE
from data.sources.opcua_security import SECURED
from data.sources.opcua_source import NoConnection, OpcuaSource
from data.toml_file import Faults
from plc_sim.plant_file import load_plant
from plc_sim.server import SimServer
from plc_sim.server_security import PASSWORD_VARIABLE, Access, server_access
from plc_sim.signals import Change
from tests.plc_sim.sim_lines import START_NS
from tests.plc_sim.test_sim_server import connected, free_endpoint, node_of

SECRET = "s3cret, 密码"
APPLICATION = monitor("urn:freeopcua:client")


@pytest.fixture(scope="module")
def small() -> Line:
    return load_line("small")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of server and client: making them takes a while."""
    return tmp_path_factory.mktemp("keys")


@contextmanager
def serving(line: Line, access: Access | None) -> Iterator[SimServer]:
    types = load_plant(line).signal_types
    server = SimServer(line, types, free_endpoint(), 20.0, access)
    server.start(
        Change(index, START_NS, "" if opc_type == "String" else 0)
        for index, opc_type in enumerate(types)
    )
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def open_server(small: Line, folder: Path) -> Iterator[SimServer]:
    with serving(small, server_access(None, folder)) as server:
        yield server


@pytest.fixture(scope="module")
def closed_server(small: Line, folder: Path) -> Iterator[SimServer]:
    access = replace(server_access(None, folder), user="op", password=SECRET)
    with serving(small, access) as server:
        yield server


@contextmanager
def encrypted(endpoint: str, folder: Path, user: str | None, password: str) -> Iterator[Client]:
    client = Client(endpoint, timeout=10)
    offered = next(
        found.ServerCertificate
        for found in client.connect_and_get_server_endpoints()
        if found.SecurityMode == ua.MessageSecurityMode.SignAndEncrypt
    )
    certificate, key = own_certificate(folder, APPLICATION)
    client.security_policy = SecurityPolicyBasic256Sha256(
        offered, certificate, key, ua.MessageSecurityMode.SignAndEncrypt
    )
    client.uaclient.set_security(client.security_policy)
    client.application_uri = APPLICATION.uri
    if user is not None:
        client.set_user(user)
        client.set_password(password)
    client.connect()
    try:
        yield client
    finally:
        client.disconnect()


def test_both_channels_are_offered_anonymously(
    small: Line, open_server: SimServer, folder: Path
) -> None:
    with connected(open_server.endpoint) as client:
        assert node_of(client, small, "B010.good_count").get_value() == 0
    with encrypted(open_server.endpoint, folder, None, "") as client:
        assert node_of(client, small, "B010.good_count").get_value() == 0


def test_the_user_alone_comes_in_and_writes_nothing(
    small: Line, closed_server: SimServer, folder: Path
) -> None:
    with encrypted(closed_server.endpoint, folder, "op", SECRET) as client:
        node = node_of(client, small, "B010.good_count")
        assert node.get_value() == 0
        with pytest.raises(ua.UaStatusCodeError):
            node.set_value(7, ua.VariantType.Int32)
        with pytest.raises(ua.UaStatusCodeError):
            client.get_objects_node().add_folder(2, "mine")
        assert node.get_value() == 0


@pytest.mark.parametrize(
    ("user", "password"), [("op", "wrong"), ("op", ""), ("admin", SECRET), (None, "")]
)
def test_others_do_not(
    closed_server: SimServer, folder: Path, user: str | None, password: str
) -> None:
    with (
        pytest.raises(ua.UaStatusCodeError, match=r"BadUserAccessDenied|IdentityTokenRejected"),
        encrypted(closed_server.endpoint, folder, user, password),
    ):
        pass


@contextmanager
def open_channel(endpoint: str) -> Iterator[Client]:
    """A client on an open channel, without a session."""
    client = Client(endpoint, timeout=5)
    client.connect_socket()
    try:
        client.send_hello()
        client.open_secure_channel()
        yield client
        client.close_secure_channel()
    finally:
        client.disconnect_socket()


def create_session(client: Client) -> None:
    parameters = ua.CreateSessionParameters()
    parameters.ClientNonce = b"n" * 32
    client.uaclient.create_session(parameters)


def test_a_password_in_the_clear_is_not_taken(
    open_server: SimServer, closed_server: SimServer
) -> None:
    for server in (open_server, closed_server):
        with open_channel(server.endpoint) as client:
            create_session(client)
            parameters = ua.ActivateSessionParameters()
            parameters.UserIdentityToken = ua.UserNameIdentityToken()
            parameters.UserIdentityToken.UserName = "op"
            parameters.UserIdentityToken.Password = SECRET.encode()
            with pytest.raises(ua.UaStatusCodeError, match="BadIdentityTokenRejected"):
                client.uaclient.activate_session(parameters)


def test_only_the_encrypted_endpoint_is_listed_for_a_user(closed_server: SimServer) -> None:
    offered = Client(closed_server.endpoint, timeout=5).connect_and_get_server_endpoints()
    assert [found.SecurityMode for found in offered] == [ua.MessageSecurityMode.SignAndEncrypt]
    tokens = offered[0].UserIdentityTokens
    assert [token.TokenType for token in tokens] == [ua.UserTokenType.UserName]


def test_nothing_is_told_before_a_session_is_activated(closed_server: SimServer) -> None:
    with open_channel(closed_server.endpoint) as client:
        namespaces = client.get_node(ua.NodeId(ua.ObjectIds.Server_NamespaceArray))
        with pytest.raises(ua.UaStatusCodeError, match="BadSessionNotActivated"):
            namespaces.get_value()
        create_session(client)
        with pytest.raises(ua.UaStatusCodeError, match="BadSessionNotActivated"):
            namespaces.get_value()


def test_our_own_client_by_the_line_file(
    small: Line, closed_server: SimServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = f'security = "{SECURED}"\nuser = "op"'
    line = parse_line(small.text.replace('security = "None"', asked), "line")
    monkeypatch.setenv(CLIENT_VARIABLE, SECRET)
    trust = server_access(None, folder).fingerprint
    source = OpcuaSource(line, endpoint=closed_server.endpoint, trust=trust)
    blocks = source.blocks()
    found: set[int] = set()
    while len(found) < len(line.signals):
        found |= {int(index) for index in next(blocks).samples["signal"] if index >= 0}
    source.stop()
    list(blocks)
    with pytest.raises(NoConnection, match="has the fingerprint"):
        next(OpcuaSource(line, endpoint=closed_server.endpoint, trust="00" * 32).blocks())


def test_a_user_needs_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (None, ""):
        monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
        if given is not None:
            monkeypatch.setenv(PASSWORD_VARIABLE, given)
        with pytest.raises(Faults, match=f'user "op": needs a password in {PASSWORD_VARIABLE}'):
            server_access("op", tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert main.main(["sim", "small", "--user", "op"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert PASSWORD_VARIABLE in said


def test_the_certificate_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = server_access(None, tmp_path / "new"), server_access(None, tmp_path / "new")
    assert first.fingerprint == second.fingerprint
    assert len(first.fingerprint) == 95
    key = tmp_path / "new" / "opcua_server_key.pem"
    assert os.stat(key).st_mode & 0o077 == 0
    key.write_bytes(b"x")
    with pytest.raises(CertificateError, match=r"our own certificate in .* cannot be used"):
        server_access(None, tmp_path / "new")
