"""Secured channels: our certificate, the server's fingerprint, and no password in the clear."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from opcua import Client, ua
from opcua.crypto.security_policies import SecurityPolicyBasic256Sha256
from platformdirs import user_data_path

from data.line import SourceConfig
from data.sources.opcua_client import APPLICATION_URI, MonitorClient, fingerprint

PASSWORD_VARIABLE = "GREENLINE_PASSWORD"
SECURED = "Basic256Sha256/SignAndEncrypt"
CERTIFICATE_YEARS = 10


class RefusedError(Exception):
    """We do not connect, and another try would not help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def secure(client: MonitorClient, config: SourceConfig, trust: str | None) -> None:
    """Prepares the client's channel as the line file asks, before it connects.

    ``trust`` is the SHA-256 fingerprint of the server's certificate. Raises RefusedError.
    """
    if config.security == "None":
        _check_open_channel(config, trust)
        return
    if config.security != SECURED:
        raise RefusedError(f'security = "{config.security}": known are "None" and "{SECURED}"')
    password = os.environ.get(PASSWORD_VARIABLE)
    if config.user is not None and password is None:
        raise RefusedError(f"user {config.user!r} needs a password in {PASSWORD_VARIABLE}")
    endpoints = client.connect_and_get_server_endpoints()
    offered = _server_certificate(endpoints)
    check_certificate(offered, trust, datetime.now(UTC))
    own, key = client_certificate(user_data_path("greenline", appauthor=False))
    client.security_policy = SecurityPolicyBasic256Sha256(
        offered, own, key, ua.MessageSecurityMode.SignAndEncrypt
    )
    client.uaclient.set_security(client.security_policy)
    if config.user is not None:
        client.set_user(config.user)
        client.set_password(password)


def _check_open_channel(config: SourceConfig, trust: str | None) -> None:
    if config.user is not None:
        raise RefusedError(
            f'user {config.user!r} with security = "None" would send the password in the'
            f' clear: set security = "{SECURED}"'
        )
    if trust is not None:
        raise RefusedError(
            'a trusted fingerprint says nothing about a channel with security = "None":'
            f' set security = "{SECURED}"'
        )


def _server_certificate(endpoints: list[Any]) -> bytes:
    try:
        endpoint = Client.find_endpoint(
            endpoints,
            ua.MessageSecurityMode.SignAndEncrypt,
            SecurityPolicyBasic256Sha256.URI,
        )
    except ua.UaError:
        raise RefusedError(f"the server does not offer {SECURED}") from None
    return bytes(endpoint.ServerCertificate or b"")


def check_certificate(certificate: bytes, trust: str | None, now: datetime) -> None:
    """Raises RefusedError unless this DER certificate is the trusted one and in its time."""
    shown = fingerprint(certificate)
    if trust is None:
        raise RefusedError(
            f"the server's certificate is unknown, its fingerprint is {shown}:"
            " compare it at the server, then pass it with --trust"
        )
    if _plain(trust) != _plain(shown):
        raise RefusedError(f"the server's certificate has the fingerprint {shown}, not {trust}")
    try:
        parsed = x509.load_der_x509_certificate(certificate)
    except ValueError:
        raise RefusedError("the server's certificate cannot be read") from None
    if not parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc:
        raise RefusedError(
            f"the server's certificate is valid from {parsed.not_valid_before_utc:%Y-%m-%d}"
            f" to {parsed.not_valid_after_utc:%Y-%m-%d} only"
        )


def _plain(shown: str) -> str:
    return shown.replace(":", "").replace(" ", "").lower()


def client_certificate(folder: Path) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """Our certificate and its key, made in this folder on first use."""
    certificate_path, key_path = folder / "opcua_client.der", folder / "opcua_client_key.pem"
    try:
        if not (certificate_path.exists() and key_path.exists()):
            folder.mkdir(parents=True, exist_ok=True)
            _make_certificate(certificate_path, key_path)
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        certificate = x509.load_der_x509_certificate(certificate_path.read_bytes())
    except (OSError, ValueError) as error:
        raise RefusedError(f"our own certificate in {folder} cannot be used: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise RefusedError(f"{key_path} is not an RSA key: remove it to have a new one made")
    return certificate, key


def _make_certificate(certificate_path: Path, key_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _self_signed(key, socket.gethostname(), datetime.now(UTC))
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_path.unlink(missing_ok=True)
    with open(os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.DER))


def _self_signed(key: rsa.RSAPrivateKey, host: str, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Greenline monitor")])
    names = [x509.UniformResourceIdentifier(APPLICATION_URI), x509.DNSName(host)]
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * CERTIFICATE_YEARS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
