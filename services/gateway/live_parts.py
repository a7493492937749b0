"""From a websocket to the other services and back: fan-out, presence and session of a gateway, built in this order."""

from kit.ids import new_id
from kit.mongo import answers
from services.gateway.bus_connections import BusConnections
from services.gateway.bus_consumer import HintConsumer
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.peer import PeerIdentity
from services.gateway.connection.token_bucket import BucketTable
from services.gateway.connection.transport import CLOSE_BATCH, PARSE_BATCH, WRITE_BATCH, FlushQueues
from services.gateway.fanout.catch_up import CatchUpLoop
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.outage_notice import OutageNotice
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.session_revocation import SessionRevocation
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.fanout.site_updates import SiteUpdates
from services.gateway.fanout.sync_batcher import SyncBatcher
from services.gateway.foundation import Foundation
from services.gateway.overload.loop_slices import LoopSlicer
from services.gateway.overload.overload_monitor import OverloadMonitor
from services.gateway.overload.refusal_summary import RefusalSummary
from services.gateway.presence.agent_roster import AgentRoster
from services.gateway.presence.lost_agents import LostAgents
from services.gateway.presence.reporter import PresenceReporter
from services.gateway.presence.visitor_roster import VisitorRoster
from services.gateway.session.append_batcher import AppendBatcher
from services.gateway.session.authentication import Authenticator
from services.gateway.session.conversation_handlers import ConversationHandlers
from services.gateway.session.dispatcher import HELLO_BATCH, FrameDispatcher
from services.gateway.session.message_handlers import MessageHandlers
from services.gateway.session.new_chats import NewChatLimit
from services.gateway.session.profile_handler import ProfileHandler
from services.gateway.session.resume import SessionResume
from services.gateway.session.routing_handlers import RoutingHandlers
from services.gateway.session.visitor_names import VisitorNameCache
from services.gateway.websocket_endpoint import WebSocketEndpoint


class LiveParts(Foundation):
    """All parts that serve live connections. Each builder uses what the ones before it have built, the lowest layer first."""

    # Built last, by the process; lambdas and the checks read them.
    hint_consumer: HintConsumer
    bus: BusConnections

    def _build(self) -> None:
        super()._build()
        self._build_fanout()
        self._build_overload()
        self._build_presence()
        self._build_site_status()
        self._build_messages()
        self._build_dispatcher()
        self._build_websockets()

    def _build_fanout(self) -> None:
        """From the bus to the connections of a site."""
        self._checks = {
            "mongodb": lambda: answers(self._mongo),
            "rabbitmq": self.bus_is_connected,
            "chat": self.chat.ready,
            "presence": self.presence.ready,
            "tickets": self.tickets.ready,
        }
        self.hub = Hub(self.metrics)
        self.outage_notice = OutageNotice(self._checks, hub=self.hub, log=self._log)
        self.session_revocation = SessionRevocation(
            self.hub,
            self._publisher,
            self.identities,
            log=self._log,
            check_interval_s=self._tuning.session_check_s,
        )
        self.site_updates = SiteUpdates(
            self.hub,
            self._publisher,
            self.identities,
            tasks=self.tasks,
            log=self._log,
            check_interval_s=self._tuning.site_check_s,
        )
        self.sync_batcher = SyncBatcher(self.chat)
        self.participants = ParticipantCache(self.chat)

    def _build_overload(self) -> None:
        """Appends, and what is shed when they wait."""
        self.append_batcher = AppendBatcher(self.chat, failpoints=self._failpoints)
        self.refusal_summary = RefusalSummary(registry=self._registry, log=self._log)
        self.overload_monitor = OverloadMonitor(
            waiting=lambda: len(self.append_batcher), log=self._log, metrics=self.metrics
        )

    def _build_presence(self) -> None:
        """Online visitors and agents."""
        self.presence_reporter = PresenceReporter(
            self.presence,
            hub=self.hub,
            gateway_id=self.boot_id,
            tasks=self.tasks,
            now=self._now,
            log=self._log,
            metrics=self.metrics,
            failpoints=self._failpoints,
        )
        self.agent_roster = AgentRoster(
            self.presence,
            hub=self.hub,
            bus_is_up=lambda: self.bus.presence.connected,
            now=self._now,
            log=self._log,
            metrics=self.metrics,
        )
        self.lost_agents = LostAgents(
            self.presence,
            self.routing,
            hub=self.hub,
            roster=self.agent_roster,
            site=self.identities.site,
            log=self._log,
            check_interval_s=self._tuning.lost_agents_check_s,
        )
        self.visitor_roster = VisitorRoster(
            self.presence,
            bus_is_up=lambda: self.bus.presence.connected,
            sheds=self.overload_monitor.sheds,
            tasks=self.tasks,
            renamed=lambda site_key, visitor_id, name: self.hub.send_to_agents(
                site_key, frames.VisitorNames([frames.Person(visitor_id, name)])
            ),
            now=self._now,
            log=self._log,
            metrics=self.metrics,
        )

    def _build_site_status(self) -> None:
        """The site status, which depends on the online agents, and the comparison with chat after a gap."""
        self.site_status = SiteStatus(
            self.hub,
            online=self.agent_roster.online,
            name=self.visitor_roster.name,
            load=lambda site_key: self.catch_up.request_site(site_key),  # noqa: PLW0108 - built below
            sheds=self.overload_monitor.sheds,
        )
        self.catch_up = CatchUpLoop(
            self.chat,
            hub=self.hub,
            sync_batcher=self.sync_batcher,
            participants=self.participants,
            site_status=self.site_status,
            receives_hints=lambda: self.bus.live.connected and self.hint_consumer.is_receiving,
            log=self._log,
            metrics=self.metrics,
            poll_s=self._tuning.catch_up_poll_s,
        )

    def _build_messages(self) -> None:
        """The handlers of messages, and the limit of new chats."""
        settings = self._settings
        self.visitor_names = VisitorNameCache(self.presence)
        self.message_handlers = MessageHandlers(
            self.chat,
            append_batcher=self.append_batcher,
            sync_batcher=self.sync_batcher,
            participants=self.participants,
            visitor_names=self.visitor_names,
            publisher=self._publisher,
            accepts_chat=self.site_status.accepts_chat,
            new_chats=NewChatLimit(BucketTable(settings.address_chat_rate, settings.address_chat_burst), self._now),
            tasks=self.tasks,
            now=self._now,
            metrics=self.metrics,
        )

    def _build_dispatcher(self) -> None:
        """Authentication and the handlers of frames."""
        settings = self._settings
        conversation_handlers = ConversationHandlers(
            self.chat, self.presence, messages=self.append_batcher, hub=self.hub, participants=self.participants
        )
        routing_handlers = RoutingHandlers(
            self.routing, conversation_handlers, messages=self.append_batcher, site=self.identities.site
        )
        self._authenticator = Authenticator(
            self.identities,
            messages_of_persons=BucketTable(settings.message_rate, settings.message_burst),
            messages_of_networks=BucketTable(settings.address_message_rate, settings.address_message_burst),
        )
        self._dispatcher = FrameDispatcher(
            hub=self.hub,
            authenticator=self._authenticator,
            resume=SessionResume(
                self.chat,
                sync_batcher=self.sync_batcher,
                participants=self.participants,
                now=self._now,
                failpoints=self._failpoints,
            ),
            sync_handlers={
                **self.message_handlers.sync_handlers(),
                **self.presence_reporter.sync_handlers(),
                **self.visitor_roster.sync_handlers(),
            },
            async_handlers={
                **self.message_handlers.async_handlers(),
                **conversation_handlers.async_handlers(),
                **routing_handlers.async_handlers(),
                **ProfileHandler(self.presence, self.visitor_names).async_handlers(),
            },
            on_identified=self._on_identified,
            on_welcomed=self._on_welcomed,
            on_left=self._on_left,
            tasks=self.tasks,
            hellos=LoopSlicer(HELLO_BATCH),
            log=self._log,
            metrics=self.metrics,
        )

    def _build_websockets(self) -> None:
        """The endpoint that accepts the connections."""
        self.websockets = WebSocketEndpoint(
            self._dispatcher,
            self._authenticator,
            self._geoip,
            self._trusted_proxies,
            self._socket_bounds,
            frame_rate=self._settings.frame_rate,
            frame_burst=self._settings.frame_burst,
            new_id=new_id,
            now=self._now,
            log=self._log,
            metrics=self.metrics,
        )
        self._flush_queues = FlushQueues(LoopSlicer(WRITE_BATCH), LoopSlicer(CLOSE_BATCH), LoopSlicer(PARSE_BATCH))

    def _on_identified(self, connection: Connection, identity: PeerIdentity) -> None:
        self.presence_reporter.connected(connection, identity)
        self.session_revocation.identified(connection, identity)

    def _on_welcomed(self, connection: Connection, identity: PeerIdentity) -> None:
        self.site_status.welcome(connection, identity)
        self.outage_notice.welcome(connection, identity)

    def _on_left(self, connection: Connection, identity: PeerIdentity) -> None:
        self.visitor_roster.unwatch(connection, identity)
        self.presence_reporter.disconnected(connection, identity)
        if identity.site not in self.hub.sites:
            self.site_status.forget(identity.site)
            self.participants.forget_site(identity.site)

    async def bus_is_connected(self) -> bool:
        """True when both bus connections are up."""
        return self.bus.live.connected and self.bus.presence.connected
