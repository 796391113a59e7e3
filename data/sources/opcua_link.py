"""One session with a server: connected, subscribed and watched, until it is lost."""

from __future__ import annotations

import base64
import math
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from opcua import ua

from data.line import Signal, SourceConfig
from data.sources.opcua_client import MonitorClient
from data.sources.opcua_decode import (
    Compiler,
    FaultError,
    MalformedError,
    Publication,
    RowMaker,
    read_publication,
)
from data.sources.opcua_security import RefusedError, secure

DEFAULT_PORT = 4840
SIMULATOR_URI = "urn:greenline:sim"
SPEED_NODE = "Greenline/Speed"
LEAST_BATCH = 10

_TOO_MANY_ITEMS = ua.StatusCodes.BadTooManyMonitoredItems
_IDENTITY = (
    ua.uaerrors.BadUserAccessDenied,
    ua.uaerrors.BadIdentityTokenRejected,
    ua.uaerrors.BadIdentityTokenInvalid,
)
_NO_FILTER = (
    ua.StatusCodes.BadMonitoredItemFilterUnsupported,
    ua.StatusCodes.BadFilterNotAllowed,
    ua.StatusCodes.BadMonitoredItemFilterInvalid,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Times [s] and counts of a connection; the defaults keep what is promised."""

    answer_s: float = 4.0  # until a request counts as unanswered
    setup_answer_s: float = 10.0  # the same for creating items, which some servers do slowly
    silence_s: float = 4.0  # without a byte: the server is lost; a pause of ours is allowed for
    keep_alive_s: float = 1.0  # how often a quiet server shall show that it lives
    lifetime_s: float = 30.0  # after which a server forgets a subscription that nobody asks for
    session_s: float = 60.0
    channel_s: float = 3600.0
    back_off_s: tuple[float, float] = (0.5, 5.0)  # first and longest wait before the next try
    batch: int = 1000  # items per call where the server names no limit
    credits: int = 5  # publish requests that wait at the server, per subscription


class LostError(Exception):
    """The session is over; ``stale`` where the server fell silent without a word."""

    def __init__(self, reason: str, *, stale: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.stale = stale


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a server made of the wish: items on, refused ones by signal index, its speed."""

    ok: int
    refused: Mapping[int, int]  # signal index to status code
    speed: float | None


@dataclass(slots=True)
class _Sequence:
    """Which message numbers may come next on one subscription."""

    expected: tuple[int, ...] = ()

    def take(self, publication: Publication) -> bool:
        """Whether nothing is missing before this message."""
        number = publication.sequence
        whole = not self.expected or number in self.expected
        following = number % 0xFFFF_FFFF + 1
        # A keep-alive shows the number of the next message, though some servers use it up.
        self.expected = (number, following) if publication.keep_alive else (following,)
        return whole


class Session:
    """One connection of one source.

    ``deliver`` takes (rows, whole) on the receiving thread; ``whole`` is False where messages
    are missing before these rows. ``tell_speed`` hears, before any of them, how fast a simulated
    plant runs. ``open`` and ``watch`` raise LostError or RefusedError.
    """

    def __init__(
        self,
        config: SourceConfig,
        signals: Sequence[Signal],
        *,
        rows: RowMaker,
        deliver: Callable[[Any, bool], None],
        tell_speed: Callable[[float], None],
        compiler: Compiler,
        trust: str | None,
        tuning: Tuning,
        stop: threading.Event,
    ) -> None:
        self._config = config
        self._signals = signals
        self._rows = rows
        self._deliver = deliver
        self._tell_speed = tell_speed
        self._compiler = compiler
        self._trust = trust
        self._tuning = tuning
        self._stop = stop
        self._client: MonitorClient | None = None
        self._sequences: dict[int, _Sequence] = {}
        self._missing = False
        self._credits = 0
        self._published_s = 0.0
        self._publish_limit_s = tuning.silence_s
        self._probe_s: float | None = None  # how often to ask a server that is quiet by design
        self._lost: str | None = None
        self._wake = threading.Event()
        self.active = False  # a session exists

    def open(self) -> Subscribed:
        """Connects and subscribes."""
        try:
            return self._open()
        except (LostError, RefusedError):
            raise
        except _IDENTITY as error:  # another try could lock the account
            raise RefusedError(status_text(error.code)) from error
        except Exception as error:
            raise self._lost_by(error) from error

    def _open(self) -> Subscribed:
        url = full_url(self._config.url)
        client = self._client = MonitorClient(url, self._tuning.answer_s, self._receive)
        client.session_timeout = int(self._tuning.session_s * 1000)
        client.secure_channel_timeout = int(self._tuning.channel_s * 1000)
        secure(client, self._config, self._trust)
        self._check_stop()
        client.connect()
        self.active = True
        self._check_stop()
        client.uaclient.set_timeout(self._tuning.setup_answer_s)
        namespaces, batch, speed = self._ask_server(client)
        if speed is not None:
            self._tell_speed(speed)
        ok, refused = self._subscribe(client, namespaces, batch)
        client.uaclient.set_timeout(self._tuning.answer_s)
        return Subscribed(ok, refused, speed)

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise LostError("stopped")

    def _ask_server(self, client: MonitorClient) -> tuple[list[str], int, float | None]:
        """Namespace URIs, items per call, and the simulator's speed where it is one."""
        names, limit = read_values(
            client,
            [
                ua.NodeId(ua.ObjectIds.Server_NamespaceArray, 0),
                ua.NodeId(
                    ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
                    0,
                ),
            ],
        )
        namespaces = [str(name) for name in names] if isinstance(names, list) else []
        batch = limit if isinstance(limit, int) and limit > 0 else self._tuning.batch
        speed = None
        if SIMULATOR_URI in namespaces:
            (value,) = read_values(client, [ua.NodeId(SPEED_NODE, namespaces.index(SIMULATOR_URI))])
            if isinstance(value, int | float) and math.isfinite(value) and value > 0:
                speed = float(value)
        return namespaces, min(batch, self._tuning.batch), speed

    def _subscribe(
        self, client: MonitorClient, namespaces: list[str], batch: int
    ) -> tuple[int, dict[int, int]]:
        """Puts every signal on a subscription, on more than one where a server limits items."""
        refused: dict[int, int] = {}
        waiting = []
        for signal in self._signals:
            try:
                waiting.append(self._item(signal, resolve(signal.node or "", namespaces)))
            except ua.UaStatusCodeError as error:
                refused[signal.index] = error.code
        while True:
            subscription = self._add_subscription(client)
            answers = self._add_items(client, subscription, waiting, batch)
            left = [item for item, status in answers if status == _TOO_MANY_ITEMS]
            if len(left) == len(waiting):  # a fresh subscription has no room either
                left = []
            for item, status in answers:
                if status and item not in left:
                    refused[_handle(item) - 1] = status
            if not left:
                return len(self._signals) - len(refused), refused
            waiting = left

    def _item(self, signal: Signal, node: ua.NodeId) -> Any:
        publishing_ms = self._config.publishing_ms
        sampling_ms = publishing_ms if signal.sampling_ms is None else signal.sampling_ms
        wanted = ua.MonitoringParameters()
        wanted.ClientHandle = signal.index + 1
        wanted.SamplingInterval = sampling_ms
        wanted.QueueSize = signal.queue or default_queue(publishing_ms, sampling_ms)
        wanted.DiscardOldest = True
        if signal.deadband:
            wanted.Filter = ua.DataChangeFilter()
            wanted.Filter.Trigger = ua.DataChangeTrigger.StatusValue
            wanted.Filter.DeadbandType = ua.DeadbandType.Absolute.value
            wanted.Filter.DeadbandValue = signal.deadband
        item = ua.MonitoredItemCreateRequest()
        item.ItemToMonitor.NodeId = node
        item.ItemToMonitor.AttributeId = ua.AttributeIds.Value
        item.MonitoringMode = ua.MonitoringMode.Reporting
        item.RequestedParameters = wanted
        return item

    def _add_subscription(self, client: MonitorClient) -> int:
        publishing_ms = self._config.publishing_ms
        params = ua.CreateSubscriptionParameters()
        params.RequestedPublishingInterval = publishing_ms
        params.RequestedMaxKeepAliveCount = max(
            1, int(self._tuning.keep_alive_s * 1000 / publishing_ms)
        )
        params.RequestedLifetimeCount = max(
            3 * params.RequestedMaxKeepAliveCount,
            math.ceil(self._tuning.lifetime_s * 1000 / publishing_ms),
        )
        params.MaxNotificationsPerPublish = 0
        params.PublishingEnabled = True
        result = client.uaclient.create_subscription(params)
        quiet_s = result.RevisedPublishingInterval * result.RevisedMaxKeepAliveCount / 1000
        self._publish_limit_s = max(self._publish_limit_s, 3 * quiet_s)
        if quiet_s > self._tuning.silence_s / 3:
            self._probe_s = self._tuning.silence_s / 4
        self._published_s = time.monotonic()
        self._sequences[result.SubscriptionId] = _Sequence()
        for _ in range(self._tuning.credits):
            self._credits += 1
            client.uaclient.publish([])
        return int(result.SubscriptionId)

    def _add_items(
        self, client: MonitorClient, subscription: int, items: list[Any], batch: int
    ) -> list[tuple[Any, int]]:
        """Creates the items; gives each with its bad status, 0 where it is on."""
        answers = self._create(client, subscription, items, batch)
        unfiltered = [item for item, status in answers if status in _NO_FILTER]
        for item in unfiltered:  # a deadband only saves traffic: do without it
            item.RequestedParameters.Filter = None
        again = self._create(client, subscription, unfiltered, batch)
        return [answer for answer in answers if answer[0] not in unfiltered] + again

    def _create(
        self, client: MonitorClient, subscription: int, items: list[Any], batch: int
    ) -> list[tuple[Any, int]]:
        answers: list[tuple[Any, int]] = []
        while len(answers) < len(items):
            self._check_stop()
            part = items[len(answers) : len(answers) + batch]
            params = ua.CreateMonitoredItemsParameters()
            params.SubscriptionId = subscription
            params.ItemsToCreate = part
            params.TimestampsToReturn = ua.TimestampsToReturn.Both
            try:
                results = client.uaclient.create_monitored_items(params)
            except ua.uaerrors.BadTooManyOperations:
                if batch <= LEAST_BATCH:
                    raise
                batch = max(batch // 2, LEAST_BATCH)
                continue
            if len(results) != len(part):
                raise LostError(f"it answered {len(results)} of {len(part)} items")
            for item, result in zip(part, results, strict=True):
                status = int(result.StatusCode.value)
                answers.append((item, status if status >> 30 else 0))
        return answers

    def _receive(self, body: bytes) -> None:
        """Takes a publish response; on the receiving thread, where nothing may be raised."""
        try:
            self._take(body)
        except FaultError as error:
            self._on_fault(error.status)
        except MalformedError as error:
            self._lose(f"it sent a publish response that cannot be read: {error}")
        except OSError as error:
            self._lose(f"the connection broke: {error}")
        except Exception as error:  # ours to mend, but never silent
            self._lose(f"{type(error).__name__}: {error}")

    def _take(self, body: bytes) -> None:
        publication = read_publication(body, self._compiler.scan)
        sequence = self._sequences.get(publication.subscription)
        client = self._client
        if client is None or sequence is None:
            raise MalformedError(f"subscription {publication.subscription} is not ours")
        acks = []
        if not publication.keep_alive:
            ack = ua.SubscriptionAcknowledgement()
            ack.SubscriptionId = publication.subscription
            ack.SequenceNumber = publication.sequence
            acks.append(ack)
        client.uaclient.publish(acks)
        self._published_s = time.monotonic()
        self._missing |= not sequence.take(publication)
        rows = self._rows.rows(publication.items, body)
        if len(rows):
            whole, self._missing = not self._missing, False
            self._deliver(rows, whole)
        if publication.ended is not None:
            self._lose(f"it ended the subscription: {status_text(publication.ended)}")

    def _on_fault(self, status: int) -> None:
        if status == ua.StatusCodes.BadTooManyPublishRequests and self._credits > 1:
            self._credits -= 1
        elif status == ua.StatusCodes.BadTimeout and self._client is not None:
            self._client.uaclient.publish([])
        else:
            self._lose(f"it refused to publish: {status_text(status)}")

    def _lose(self, reason: str) -> None:
        self._lost = self._lost or reason
        self._wake.set()

    def watch(self) -> None:
        """Returns when asked to stop; raises LostError when the session is over."""
        try:
            self._watch()
        except LostError:
            raise
        except Exception as error:
            raise self._lost_by(error) from error

    def _watch(self) -> None:
        client, tick_s = self._client, 0.2
        assert client is not None
        excused_s = probed_s = last_s = time.monotonic()
        while not self._stop.is_set():
            self._wake.wait(tick_s)
            link, now_s = client.uaclient.link, time.monotonic()
            if self._lost or link is None or link.ended:
                raise LostError(self._lost or (link and link.ended) or "closed")
            if now_s - last_s > 1.0:  # we were held up ourselves: the server gets its chance
                excused_s = now_s - self._tuning.silence_s / 2
            last_s = now_s
            self._check_silence(now_s, max(link.heard_s, excused_s), excused_s)
            if self._probe_s is not None and now_s - max(probed_s, link.heard_s) > self._probe_s:
                probed_s = now_s
                client.uaclient.send_async(_state_request(), _ignore)
            if now_s >= client.renew_at_s:
                client.open_secure_channel(renew=True)
                # The first message with the new token lets the server switch to it.
                client.uaclient.send_async(_state_request(), _ignore)
                last_s = time.monotonic()

    def _check_silence(self, now_s: float, heard_s: float, excused_s: float) -> None:
        silence_s = now_s - heard_s
        if silence_s > self._tuning.silence_s:
            raise LostError(f"nothing came for {silence_s:.1f} s", stale=True)
        unpublished_s = now_s - max(self._published_s, excused_s)
        if unpublished_s > self._publish_limit_s:
            raise LostError(f"it published nothing for {unpublished_s:.1f} s", stale=True)

    def wake(self) -> None:
        """Lets ``watch`` see at once that it shall stop; breaks off an ``open``."""
        self._wake.set()
        if not self.active:
            self.abandon()

    def abandon(self) -> None:
        """Cuts the connection, so that whoever waits for an answer gets none."""
        client = self._client
        link = client.uaclient.link if client is not None else None
        if link is not None and link._socket is not None:
            link._abort()

    def close(self, *, orderly: bool) -> None:
        """Leaves nothing behind: no session where ``orderly``, no socket, no thread."""
        client = self._client
        if client is None:
            return
        if orderly and self.active:
            client.uaclient.set_timeout(1.0)
            try:
                client.close_session()
                client.close_secure_channel()
            except Exception:  # a server that does not answer forgets us by itself
                pass
        client.drop()

    def _lost_by(self, error: Exception) -> LostError:
        link = self._client.uaclient.link if self._client is not None else None
        known = self._lost or (link.ended if link is not None else None)
        if known is None or isinstance(error, ua.UaStatusCodeError):
            known = reason_text(error, self._tuning.answer_s)
        return LostError(known, stale=isinstance(error, TimeoutError))


def reason_text(error: Exception, answer_s: float) -> str:
    """Why a connection failed, in words."""
    match error:
        case ConnectionRefusedError():
            return "connection refused"
        case socket.gaierror():
            return "the host name cannot be resolved"
        case TimeoutError():
            return f"no answer within {answer_s:g} s"
        case CancelledError():
            return "the server closed the connection"
        case ua.UaStatusCodeError():
            return status_text(error.code)
        case OSError():
            return error.strerror or str(error)
        case _:
            return str(error) or type(error).__name__


def status_text(status: int) -> str:
    """Name of a status code, and what the standard says of it."""
    name, doc = ua.status_codes.get_name_and_doc(status)
    said = doc.strip('"').rstrip(".")
    return f"{name} ({said[:1].lower()}{said[1:]})" if said else str(name)


def full_url(url: str) -> str:
    """The URL with its port. Raises RefusedError for one that names no server."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORT
    except ValueError:
        raise RefusedError("its port is not a number from 1 to 65535") from None
    if parts.scheme != "opc.tcp" or not parts.hostname:
        raise RefusedError("it must read opc.tcp://HOST:PORT")
    if parts.username or parts.password:
        raise RefusedError("user and password do not belong in a URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"opc.tcp://{host}:{port}{parts.path}"


def default_queue(publishing_ms: float, sampling_ms: float) -> int:
    """A queue that holds two publishing intervals, and something to spare."""
    return 8 + math.ceil(2 * publishing_ms / sampling_ms) if sampling_ms > 0 else 100


def resolve(node: str, namespaces: Sequence[str]) -> ua.NodeId:
    """The node id, with nsu=URI turned into the index that the URI has on this server.

    Raises UaStatusCodeError: BadNodeIdUnknown for a URI that it does not have, BadNodeIdInvalid.
    """
    index, rest = 0, node
    if node.startswith("nsu="):
        uri, _, rest = node[4:].partition(";")
        if uri not in namespaces:
            raise ua.UaStatusCodeError(ua.StatusCodes.BadNodeIdUnknown)
        index = namespaces.index(uri)
    elif node.startswith("ns="):
        number, _, rest = node[3:].partition(";")
        index = int(number) if number.isdecimal() else -1
    kind, _, identifier = rest.partition("=")
    try:
        return _node_id(kind, identifier, index)
    except ValueError:
        raise ua.UaStatusCodeError(ua.StatusCodes.BadNodeIdInvalid) from None


def _node_id(kind: str, identifier: str, index: int) -> ua.NodeId:
    if not identifier or not 0 <= index <= 0xFFFF:
        raise ValueError(identifier)
    match kind:
        case "s":  # whatever follows is the identifier, semicolons too
            return ua.NodeId(identifier, index, ua.NodeIdType.String)
        case "i" if 0 <= int(identifier) <= 0xFFFF_FFFF:
            return ua.NodeId(int(identifier), index, ua.NodeIdType.Numeric)
        case "g":
            return ua.NodeId(uuid.UUID(identifier), index, ua.NodeIdType.Guid)
        case "b":
            raw = base64.b64decode(identifier, validate=True)
            return ua.NodeId(raw, index, ua.NodeIdType.ByteString)
    raise ValueError(kind)


def read_values(client: MonitorClient, nodes: Sequence[ua.NodeId]) -> list[Any]:
    """The nodes' values, None where one has none or a bad one."""
    params = ua.ReadParameters()
    for node in nodes:
        wanted = ua.ReadValueId()
        wanted.NodeId, wanted.AttributeId = node, ua.AttributeIds.Value
        params.NodesToRead.append(wanted)
    results = client.uaclient.read(params)
    return [
        result.Value.Value if result.Value is not None and result.StatusCode.is_good() else None
        for result in results
    ]


def handles(signals: Sequence[Signal]) -> NDArray[np.int32]:
    """Signal index by client handle, -1 where there is none."""
    out = np.full(max((signal.index for signal in signals), default=0) + 2, -1, np.int32)
    for signal in signals:
        out[signal.index + 1] = signal.index
    return out


def _handle(item: Any) -> int:
    return int(item.RequestedParameters.ClientHandle)


def _state_request() -> Any:
    wanted = ua.ReadValueId()
    wanted.NodeId = ua.NodeId(ua.ObjectIds.Server_ServerStatus_State, 0)
    wanted.AttributeId = ua.AttributeIds.Value
    request = ua.ReadRequest()
    request.Parameters.NodesToRead.append(wanted)
    return request


def _ignore(_: Any) -> None:
    """The answer's bytes have been heard: that is all that a probe is for."""
