"""Refreshes the transcript of a ticket from the conversation's log."""

from msgspec.structs import replace

from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.transcript import MAX_TRANSCRIPT_LINES, Transcript, extend_transcript
from services.tickets.metrics import Metrics
from services.tickets.ports import ConversationState, ServiceClients, TicketRecords

# Of two concurrent refreshes of one transcript the second reads the ticket again and finds nothing to add.
MAX_REFRESH_TRIES = 5


class TranscriptRefresher:
    """Each method may be repeated: lines that the transcript has are skipped."""

    def __init__(self, tickets: TicketRecords, clients: ServiceClients, *, metrics: Metrics, log: Log) -> None:
        self._tickets = tickets
        self._clients = clients
        self._metrics = metrics
        self._log = log

    async def refresh_conversation(self, site: str, conversation_id: str) -> None:
        """Extends the transcript of the conversation's ticket, if there is one, to the end of the log."""
        ticket = await self._tickets.of_conversation(site, conversation_id)
        if ticket is not None:
            await self.refresh(ticket)

    async def try_refresh(self, ticket: Ticket) -> Ticket:
        """As `refresh`, but returns the ticket unchanged on failure: the close of the conversation refreshes it again."""
        try:
            return await self.refresh(ticket)
        except Refused as refused:
            self._log.warning("transcript refresh failed", ticket=ticket.id, code=refused.code)
            return ticket

    async def refresh(self, ticket: Ticket) -> Ticket:
        """The ticket with its transcript up to the end of the log."""
        for _ in range(MAX_REFRESH_TRIES):
            if ticket.transcript.whole:
                return ticket
            state = await self._clients.conversation(ticket.site, ticket.conversation_id)
            transcript = await self.read(ticket.site, ticket.conversation_id, ticket.transcript, state)
            if transcript == ticket.transcript:
                return ticket
            if await self._tickets.extend(ticket, transcript):
                self._metrics.extended.inc()
                return replace(ticket, transcript=transcript)
            stored = await self._tickets.get(ticket.site, ticket.id)
            if stored is None:
                raise Refused(Code.NOT_FOUND, "There is no such ticket.")
            ticket = stored
        raise Refused(Code.RETRY, "The transcript changes too often.", retry_ms=1000)

    async def read(
        self, site: str, conversation_id: str, transcript: Transcript, state: ConversationState
    ) -> Transcript:
        """The transcript with the messages of the log after it. Skips messages that the bound on lines would drop."""
        after = max(transcript.to_seq, state.head - MAX_TRANSCRIPT_LINES)
        lines, to_seq = await self._clients.messages(site, conversation_id, after)
        return extend_transcript(transcript, lines, after=after, to_seq=to_seq, whole=state.closed)
