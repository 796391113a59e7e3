"""Our own certificates for secured channels: made on first use, kept, and named by fingerprint."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from platformdirs import user_data_path

CERTIFICATE_YEARS = 10
_LOOPBACK = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True, slots=True)
class Application:
    """An OPC UA application of ours; ``stem`` begins the names of its files."""

    stem: str
    name: str
    uri: str
    usage: ObjectIdentifier


def monitor(uri: str) -> Application:
    """The monitor, a client."""
    return Application("opcua_client", "Greenline monitor", uri, ExtendedKeyUsageOID.CLIENT_AUTH)


def simulator(uri: str) -> Application:
    """The simulated plant, a server."""
    return Application("opcua_server", "Greenline simulator", uri, ExtendedKeyUsageOID.SERVER_AUTH)


class CertificateError(OSError):
    """Our own certificate cannot be made, or not be used."""


def own_folder() -> Path:
    """Where this user's certificates and keys are kept."""
    return user_data_path("greenline", appauthor=False)


def own_certificate(
    folder: Path, application: Application
) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """The application's certificate and key, made in this folder on first use.

    The key is readable by its owner alone. Raises CertificateError.
    """
    certificate_path = folder / f"{application.stem}.der"
    key_path = folder / f"{application.stem}_key.pem"
    try:
        if not (certificate_path.exists() and key_path.exists()):
            folder.mkdir(parents=True, exist_ok=True)
            _make(certificate_path, key_path, application)
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        certificate = x509.load_der_x509_certificate(certificate_path.read_bytes())
    except (OSError, ValueError) as error:
        limit = f"our own certificate in {folder} cannot be used: {error}"
        raise CertificateError(limit) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CertificateError(f"{key_path} is not an RSA key: remove it to have a new one made")
    return certificate, key


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a DER certificate, as pairs of hex digits with colons."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def _make(certificate_path: Path, key_path: Path, application: Application) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _self_signed(key, application, socket.gethostname(), datetime.now(UTC))
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_path.unlink(missing_ok=True)
    with open(os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.DER))


def _self_signed(
    key: rsa.RSAPrivateKey, application: Application, host: str, now: datetime
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, application.name)])
    names = [
        x509.UniformResourceIdentifier(application.uri),
        x509.DNSName(host),
        x509.DNSName("localhost"),
        x509.IPAddress(_LOOPBACK),
    ]
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
        .add_extension(x509.ExtendedKeyUsage([application.usage]), critical=False)
        .sign(key, hashes.SHA256())
    )
