"""Subscriptions that drop nothing while they live, and keep nothing when they do not.

- A monitored item's queue is not limited: the plant may run many times as fast as the clients
  publish. What a client neither fetches nor acknowledges is bounded: its subscription expires.
- An absolute deadband compares with the last value reported, not with the last one written.
- Notifications are packed bytes, in the order in which the values came.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

from opcua import ua
from opcua.server.internal_subscription import InternalSubscription, MonitoredItemService
from opcua.server.subscription_service import SubscriptionService
from opcua.ua.ua_binary import to_binary

from plc_sim.live_values import Report

LIFETIME_MS = 60_000.0
_LEAST_PUBLISHING_MS = 20.0
_KEPT_FOR_REPUBLISH = 10
_UINT32 = Struct("<I")
_NOTIFICATION = ua.extension_object_ids["DataChangeNotification"]
_BYTE_STRING = 1  # encoding of an extension object's body
_NO_DIAGNOSTICS = _UINT32.pack(0)


class _MonitoredItems(MonitoredItemService):  # type: ignore[misc]  # the library is untyped
    """Monitored items of one subscription."""

    def datachange_callback(self, handle: int, value: Any, error: Any = None) -> None:
        """Queues a Report of ours, or a data value of a node that the library keeps."""
        if error:
            self.trigger_statuschange(error)
            return
        if not isinstance(value, Report):
            value = Report(value.Value.Value, to_binary("DataValue", value))
        with self._lock:
            mid = self._monitored_datachange[handle]
            item = self._monitored_items[mid]
            if item.filter is None or _outside_deadband(item, value.raw):
                self.isub.enqueue(_UINT32.pack(item.client_handle) + value.body)


def _outside_deadband(item: Any, raw: Any) -> bool:
    """Whether a value differs enough from the one reported last; it is then the one reported."""
    kind = getattr(item.filter, "DeadbandType", 0)
    last = getattr(item, "reported", None)
    numbers = isinstance(raw, int | float) and isinstance(last, int | float)
    if (
        kind == ua.DeadbandType.Absolute
        and numbers
        and abs(raw - last) <= item.filter.DeadbandValue
    ):
        return False
    item.reported = raw
    return True


class _Subscription(InternalSubscription):  # type: ignore[misc]
    """One client's subscription."""

    def __init__(self, service: Any, data: Any, aspace: Any, callback: Any) -> None:
        super().__init__(service, data, aspace, callback)
        self.monitored_item_srv = _MonitoredItems(self, aspace)
        self._triggered_datachanges: list[bytes] = []

    def enqueue(self, notification: bytes) -> None:
        """Keeps a packed MonitoredItemNotification for the next publish."""
        if not self._stopev:
            self._triggered_datachanges.append(notification)

    def publish_results(self) -> None:
        """Publishes; one that has expired monitors nothing any more."""
        super().publish_results()
        if self._stopev:
            self.monitored_item_srv.delete_all_monitored_items()

    def _pop_triggered_datachanges(self, result: Any) -> None:
        waiting = self._triggered_datachanges
        if waiting:
            self._triggered_datachanges = []
            packed = ua.ExtensionObject()
            packed.TypeId, packed.Encoding = _NOTIFICATION, _BYTE_STRING
            packed.Body = b"".join((_UINT32.pack(len(waiting)), *waiting, _NO_DIAGNOSTICS))
            result.NotificationMessage.NotificationData.append(packed)

    def _pop_publish_result(self) -> Any:
        while len(self._not_acknowledged_results) >= _KEPT_FOR_REPUBLISH:
            del self._not_acknowledged_results[min(self._not_acknowledged_results)]
        return super()._pop_publish_result()


class Subscriptions(SubscriptionService):  # type: ignore[misc]
    """Makes our subscriptions, with limits to what a client may ask."""

    def create_subscription(self, params: Any, callback: Any) -> Any:
        """A subscription with the intervals and counts that it got."""
        interval_ms = max(_LEAST_PUBLISHING_MS, params.RequestedPublishingInterval)
        keep_alive = max(1, params.RequestedMaxKeepAliveCount)
        longest = max(3 * keep_alive, round(LIFETIME_MS / interval_ms))
        result = ua.CreateSubscriptionResult()
        result.RevisedPublishingInterval = interval_ms
        result.RevisedMaxKeepAliveCount = keep_alive
        result.RevisedLifetimeCount = max(
            3 * keep_alive, min(params.RequestedLifetimeCount, longest)
        )
        with self._lock:
            self._sub_id_counter += 1
            result.SubscriptionId = self._sub_id_counter
            subscription = _Subscription(self, result, self.aspace, callback)
            self.subscriptions[result.SubscriptionId] = subscription
            subscription.start()
        return result
