"""What callers can do to conversations: write, start, accept, close, mark as read, flag."""

from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.chat.app.append import Appended, Appender, Settle
from services.chat.app.open_conversation import ConversationOpener, GeoPlace
from services.chat.app.post_commit import PostCommit
from services.chat.app.queries import ConversationQueries
from services.chat.domain.commands import Accept, Close, Command, Write
from services.chat.domain.log import Person, State
from services.chat.ports import ConversationStore, Record


class ConversationCommands:
    """Every method may raise Refused; every one may be repeated."""

    def __init__(
        self,
        store: ConversationStore,
        appender: Appender,
        opener: ConversationOpener,
        aftermath: PostCommit,
        reading: ConversationQueries,
        *,
        log: Log,
    ) -> None:
        self._store = store
        self._appender = appender
        self._opener = opener
        self._aftermath = aftermath
        self._reading = reading
        self._log = log

    def post(self, conversation: str, command: Write, place: GeoPlace, origin: str, settle: Settle) -> None:
        """Appends a message or note. `settle` is called once with what came of it, unless this raises Refused at once.

        Without a conversation: to the visitor's open one, opened if there is none.
        """
        if conversation:
            self._appender.post(conversation, command, origin, settle)
        elif command.by.kind == "visitor" and command.kind == "message":
            self._appender.in_background(self._to_open(command, place, origin), settle)
        else:
            raise Refused(Code.INVALID, "conversation: may be empty for messages of visitors only.")

    async def _to_open(self, command: Write, place: GeoPlace, origin: str) -> Appended:
        appended = await self._opener.write(command, place, origin)
        await self._aftermath.settled(appended.state.conversation)
        return appended

    async def start(self, site: str, visitor: Person, by: Person, place: GeoPlace) -> tuple[State, bool]:
        """The visitor's open conversation, and whether it was there. One that waits becomes the agent's who starts it."""
        if by.kind == "visitor" and by.id != visitor.id:
            raise Refused(Code.FORBIDDEN, "A visitor starts their own conversation only.")
        opened = await self._opener.open_for(site, visitor, by, place)
        state = opened.state
        if by.kind == "agent":
            try:
                state = await self._command(state.conversation, Accept(site, by))
            except Refused as refused:
                if refused.code is not Code.ALREADY_ASSIGNED:
                    raise
                state = await self._reading.state(state.conversation)
        await self._aftermath.settled(state.conversation)
        return state, not opened.made

    async def accept(self, site: str, conversation: str, by: Person) -> State:
        """Makes a waiting conversation theirs."""
        return await self._command(conversation, Accept(site, by))

    async def close(self, site: str, conversation: str, by: Person, *, any_assignee: bool) -> State:
        """Ends it."""
        return await self._command(conversation, Close(site, by, any_assignee))

    async def set_flagged(self, site: str, conversation: str, flagged: bool) -> Record:
        """Flags it for review, or takes the flag away."""
        if not await self._store.set_flagged(site, conversation, flagged):
            raise Refused(Code.NOT_FOUND, "There is no such conversation.")
        return await self._reading.record(conversation)

    async def _command(self, conversation: str, command: Command) -> State:
        appended = await self._appender.append(conversation, command)
        if appended.entry is not None:
            self._log.info("a conversation changed", conversation=conversation, kind=appended.entry.kind)
        await self._aftermath.settled(conversation)
        return appended.state
