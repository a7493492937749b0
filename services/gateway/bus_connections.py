"""The two connections of a gateway to the bus: hints of chat, and events of gateways and presence."""

from prometheus_client import CollectorRegistry

from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import LIVE, PRESENCE
from kit.bus.publisher import Publisher
from kit.bus.subscriber import LiveSubscriber
from kit.failpoints import Failpoints
from kit.runtime.logs import Log
from kit.runtime.traces import Traces
from services.gateway.bus_consumer import GatewayEventConsumer, HintConsumer
from services.gateway.fanout.session_revocation import REVOKED_KEY
from services.gateway.fanout.site_updates import SITE_KEY
from services.gateway.metrics import Metrics
from services.gateway.presence.agent_roster import KEY as AVAILABILITY_KEY
from services.gateway.session.message_handlers import TYPING_KEY


class BusConnections:
    """Built with what handles the messages; each connection runs by itself."""

    def __init__(
        self,
        url: str,
        gateway_id: str,
        hint_consumer: HintConsumer,
        event_consumer: GatewayEventConsumer,
        publisher: Publisher,
        *,
        failpoints: Failpoints,
        log: Log,
        registry: CollectorRegistry,
        metrics: Metrics,
        traces: Traces,
    ) -> None:
        hints = LiveSubscriber(
            LIVE,
            f"gateway.{gateway_id}",
            handle=failpoints.around_now("hint.received", hint_consumer.consume),
            on_attached=hint_consumer.on_subscribed,
            log=log,
            invalid=metrics.invalid_messages,
            traces=traces,
        )
        self.events = LiveSubscriber(
            PRESENCE,
            f"gateway.{gateway_id}.presence",
            handle=event_consumer.consume,
            on_attached=event_consumer.on_subscribed,
            log=log,
            invalid=metrics.invalid_messages,
            keys=(TYPING_KEY, REVOKED_KEY, SITE_KEY, AVAILABILITY_KEY),
            traces=traces,
        )
        gauge = connections_gauge(registry)
        self.live = BrokerConnection(url, "gateway-live", (hints,), log=log, connections=gauge)
        self.presence = BrokerConnection(url, "gateway-presence", (publisher, self.events), log=log, connections=gauge)
