"""Who may connect to the simulated plant, and over what channel.

Two endpoints stand side by side: an open one, and Basic256Sha256 with SignAndEncrypt, on a
certificate made on first start. Without a user name everybody may look, anonymously; with one,
that user alone, over the encrypted channel: a password is never taken in the clear. Any client
certificate is accepted: it encrypts, it does not say who comes.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from pathlib import Path
from struct import unpack_from
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from opcua import ua
from opcua.common.utils import ServiceError
from opcua.crypto import uacrypto
from opcua.crypto.security_policies import SecurityPolicyBasic256Sha256
from opcua.server.internal_server import InternalSession

from data.certificates import fingerprint, own_certificate, own_folder, simulator
from data.toml_file import Faults, whole

PASSWORD_VARIABLE = "GREENLINE_SIM_PASSWORD"
SIMULATOR_URI = "urn:greenline:sim"  # namespace 1 of the server, and its application URI

_TRANSPORT = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"
_OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep"
_LONGEST_PASSWORD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Access:
    """The server's certificate and key, and the one user who may connect (None: anybody)."""

    certificate: x509.Certificate
    key: RSAPrivateKey
    user: str | None = None
    password: str | None = None

    @property
    def der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as a client shows it and ``watch --trust`` takes it."""
        return fingerprint(self.der)


def server_access(user: str | None, folder: Path | None = None) -> Access:
    """The access that a command's ``--user`` asks for; the password comes from the environment.

    Raises Faults for a user without a password, CertificateError (an OSError) where the
    certificate in ``folder`` (this user's own) cannot be made or used.
    """
    password = os.environ.get(PASSWORD_VARIABLE)
    if user is not None and not user.strip():
        raise Faults([whole(f'user "{user}"', "must not be empty")])
    if user is not None and not password:
        raise Faults([whole(f'user "{user}"', f"needs a password in {PASSWORD_VARIABLE}")])
    certificate, key = own_certificate(folder or own_folder(), simulator(SIMULATOR_URI))
    return Access(certificate, key, user, password)


def policies(access: Access | None) -> list[Any]:
    """The channels that the server opens; the open one also serves discovery."""
    offered = [ua.SecurityPolicyFactory()]
    if access is not None:
        offered.append(
            ua.SecurityPolicyFactory(
                SecurityPolicyBasic256Sha256,
                ua.MessageSecurityMode.SignAndEncrypt,
                access.certificate,
                access.key,
            )
        )
    return offered


def endpoints(access: Access | None, url: str, name: str) -> list[Any]:
    """Descriptions of the endpoints at which a session can be had."""
    if access is None:
        return [_endpoint(url, name, ua.SecurityPolicy, b"", None)]
    secured = _endpoint(url, name, SecurityPolicyBasic256Sha256, access.der, access.user)
    secured.SecurityMode = ua.MessageSecurityMode.SignAndEncrypt
    secured.SecurityLevel = 1
    if access.user is not None:
        return [secured]
    return [_endpoint(url, name, ua.SecurityPolicy, access.der, None), secured]


def _endpoint(url: str, name: str, policy: Any, certificate: bytes, user: str | None) -> Any:
    about = ua.ApplicationDescription()
    about.ApplicationName = ua.LocalizedText(name)
    about.ApplicationUri = about.ProductUri = SIMULATOR_URI
    about.ApplicationType = ua.ApplicationType.Server
    about.DiscoveryUrls = [url]
    endpoint = ua.EndpointDescription()
    endpoint.EndpointUrl = url
    endpoint.Server = about
    endpoint.ServerCertificate = certificate
    endpoint.SecurityMode = ua.MessageSecurityMode.None_
    endpoint.SecurityPolicyUri = policy.URI
    endpoint.UserIdentityTokens = [_token_policy(user)]
    endpoint.TransportProfileUri = _TRANSPORT
    return endpoint


def _token_policy(user: str | None) -> Any:
    token = ua.UserTokenPolicy()
    named = user is not None
    token.PolicyId = "username" if named else "anonymous"
    token.TokenType = ua.UserTokenType.UserName if named else ua.UserTokenType.Anonymous
    token.SecurityPolicyUri = SecurityPolicyBasic256Sha256.URI if named else None
    return token


class Users:
    """Decides on identity tokens; takes the place of the library's UserManager."""

    def __init__(self, access: Access | None) -> None:
        self._access = access

    def admit(self, token: Any, nonce: bytes, encrypted: bool) -> None:
        """Raises ServiceError unless a session may be activated with this token."""
        wanted = self._access.user if self._access is not None else None
        if wanted is None and (token is None or isinstance(token, ua.AnonymousIdentityToken)):
            return
        if wanted is None or not isinstance(token, ua.UserNameIdentityToken) or not encrypted:
            raise ServiceError(ua.StatusCodes.BadIdentityTokenRejected)
        if not self._is_user(token, nonce):
            raise ServiceError(ua.StatusCodes.BadUserAccessDenied)

    def check_user_token(self, session: Any, token: Any) -> bool:
        """The library's own question, asked after ``admit``: nobody is more than a guest."""
        return True

    def _is_user(self, token: Any, nonce: bytes) -> bool:
        assert self._access is not None
        given = _password(token, self._access.key, nonce)
        user, password = self._access.user or "", self._access.password or ""
        named = hmac.compare_digest((token.UserName or "").encode(), user.encode())
        known = given is not None and hmac.compare_digest(given, password.encode())
        return named and known


def _password(token: Any, key: RSAPrivateKey, nonce: bytes) -> bytes | None:
    """The password of a token, None where it does not hold this session's nonce (Part 4, 7.41)."""
    secret = token.Password or b""
    if not token.EncryptionAlgorithm:
        return bytes(secret)  # the channel encrypts it
    if token.EncryptionAlgorithm != _OAEP or len(secret) > _LONGEST_PASSWORD_BYTES:
        return None
    try:
        plain = _decrypted(secret, key)
        length = unpack_from("<I", plain)[0]
    except Exception:  # whatever a client can send that is no such token
        return None
    body = plain[4 : 4 + length]
    return body[: -len(nonce)] if body.endswith(nonce) else None


def _decrypted(secret: bytes, key: RSAPrivateKey) -> bytes:
    block = key.key_size // 8
    parts = [secret[i : i + block] for i in range(0, len(secret), block)]
    return b"".join(uacrypto.decrypt_rsa_oaep(key, part) for part in parts)


class GuestSession(InternalSession):  # type: ignore[misc]  # the library is untyped
    """A client's session, activated for those whom ``Users`` admits."""

    encrypted = False  # whether it came over an encrypted channel

    def activate_session(self, params: Any) -> Any:
        """Raises ServiceError for whoever may not come in."""
        self.user_manager.admit(params.UserIdentityToken, self.nonce, self.encrypted)
        return super().activate_session(params)
