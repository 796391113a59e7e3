"""Secured channels: our certificate, the server's fingerprint, and no password in the clear."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from opcua import Client, ua
from opcua.crypto.security_policies import SecurityPolicyBasic256Sha256

from data.certificates import (
    CertificateError,
    fingerprint,
    monitor,
    own_certificate,
    own_folder,
)
from data.line import SourceConfig
from data.sources.opcua_client import APPLICATION_URI, MonitorClient

PASSWORD_VARIABLE = "GREENLINE_PASSWORD"
SECURED = "Basic256Sha256/SignAndEncrypt"


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
    own, key = client_certificate(own_folder())
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
    """Our certificate and its key, made in this folder on first use; raises RefusedError."""
    try:
        return own_certificate(folder, monitor(APPLICATION_URI))
    except CertificateError as error:
        raise RefusedError(str(error)) from error
