"""Kafka clients that never hold anybody up: made for this wire, used with a deadline, thrown away on doubt.

kafka-python 3.0.12 waits without a limit in several calls when its own thread stalls, its producer
may stay silent after a long freeze of the broker, and a client whose making fails leaves its thread
behind. So every call runs in a thread of its own, and a client that failed is never used again.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.net.compat import KafkaNetClient

from shared.transport.sizes import LARGEST_MESSAGE
from shared.transport.wire import WireDown

log = logging.getLogger(__name__)
Client = TypeVar("Client")
Result = TypeVar("Result")

SECURITY = ("security_protocol", "ssl_", "sasl_")
"""Beginnings of the names of settings that are handed to kafka-python as they are."""
BATCH_BYTES = 512 * 1024
"""Messages of a topic that travel together, and the most that is fetched at once unless one message is larger.
Unit: bytes; a relay's batch of 500 facts fits."""
THIN_LINE = 6_000
"""What a thin line carries at least: three quarters of 64 kbit/s, the rest is for what goes the other way.
Unit: bytes a second."""
LONGEST_SEND = 50.0
"""Longest time that is added to the deadline for what has to pass a thin line. Unit: seconds; with the deadline a
dead producer is found within a minute. The longest fact that a form can make, some 300 KB, fits."""
LONGEST_FETCH = 80.0
"""Longest wait for what was fetched. Unit: seconds; `BATCH_BYTES` pass a thin line in it."""


class Clients:
    """Makes clients for one broker address.

    `settings`: kafka-python's options that begin with `security_protocol`, `ssl_` or `sasl_`.
    `deadline`: seconds after which a send is in doubt. Errors: ValueError for another setting.
    """

    def __init__(self, bootstrap: str, settings: Mapping[str, Any], deadline: float) -> None:
        unknown = [name for name in settings if not name.startswith(SECURITY)]
        if unknown:
            raise ValueError(f"not a security setting of the Kafka wire: {', '.join(unknown)}")
        self.deadline = deadline
        half = _milliseconds(deadline / 2)
        self._common: dict[str, Any] = {
            "bootstrap_servers": bootstrap.split(","),
            "client_id": "huiyin",
            "bootstrap_timeout_ms": half,
            "request_timeout_ms": half,
            "reconnect_backoff_max_ms": 1_000,
            **settings,
        }

    def admin(self) -> KafkaAdminClient:
        """A client for topics."""
        return self._made(KafkaAdminClient)

    def producer(self) -> KafkaProducer:
        """A producer that keeps the order and may repeat.

        No idempotence: a wiped broker gives the same producer ids again and could take a message for
        a repeated one. Topics are made by us alone, so that they have one partition. Packed, because
        village links are thin and kafka-python takes its checksums in plain Python: less to check is faster.
        How long a send may take is up to whoever waits for it, since that depends on its size.
        """
        return self._made(
            KafkaProducer,
            acks="all",
            enable_idempotence=False,
            max_in_flight_requests_per_connection=1,
            request_timeout_ms=_milliseconds(self.deadline + LONGEST_SEND),
            delivery_timeout_ms=2 * _milliseconds(self.deadline + LONGEST_SEND),
            max_block_ms=_milliseconds(self.deadline / 2),
            linger_ms=2,
            compression_type="gzip",
            batch_size=BATCH_BYTES,
            max_request_size=LARGEST_MESSAGE,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def consumer(self, patience: float) -> KafkaConsumer:
        """A consumer without a group: places are kept by the nodes; `patience`: seconds for an answer.

        Checksums are not looked at: they cost three quarters of the time of reading, and the inbox
        checks every fact by its chain and signature.
        """
        return self._made(
            KafkaConsumer,
            request_timeout_ms=_milliseconds(patience),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            check_crcs=False,
            fetch_max_bytes=BATCH_BYTES,
            max_partition_fetch_bytes=BATCH_BYTES,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def _made(self, kind: Callable[..., Client], **config: Any) -> Client:
        nets: list[KafkaNetClient] = []

        def net(**options: Any) -> KafkaNetClient:
            nets.append(KafkaNetClient(**options))
            return nets[-1]

        try:
            return kind(kafka_client=net, **self._common | config)
        except BaseException:
            for made in nets:
                made.close()
            raise


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def in_background(work: Callable[[], Result]) -> "Future[Result]":
    """Start something in a daemon thread of its own."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="kafka-call", daemon=True).start()
    return future


class Kept(Generic[Client]):
    """A client that is made when it is needed and thrown away on any doubt."""

    def __init__(self, make: Callable[[], Client], close: Callable[[Client], None]) -> None:
        self._make = make
        self._close = close
        self._one_at_a_time = threading.Lock()
        self._holder: list[Client] = []

    def use(self, seconds: float, work: Callable[[Client], Result]) -> Result:
        """Do something with the client. Errors: WireDown when it fails or takes longer than `seconds`."""
        with self._one_at_a_time:
            holder = self._holder
            call = in_background(lambda: self._work(holder, work))
            try:
                return call.result(seconds)
            except Exception as error:
                self.drop()
                reason = str(error) if call.done() else f"no answer in {seconds:g} seconds"
                raise WireDown(f"Kafka: {type(error).__name__}: {reason}") from error

    def drop(self) -> "Future[None]":
        """Throw the client away; the next use makes a new one. Done when the old one is closed."""
        holder, self._holder = self._holder, []
        return in_background(lambda: self._close_all(holder))

    def _work(self, holder: list[Client], work: Callable[[Client], Result]) -> Result:
        if not holder:
            holder.append(self._make())
        if holder is not self._holder:
            self._close_all(holder)
        return work(holder[0])

    def _close_all(self, holder: list[Client]) -> None:
        for client in holder:
            try:
                self._close(client)
            except Exception as error:
                log.debug("a Kafka client did not close well: %s", error)
