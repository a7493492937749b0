"""gRPC servicer of presence.proto: checks each request, calls a use case, maps the result. A Refused becomes a status in the interceptor."""

import asyncio
from collections.abc import Callable

from palique.presence.v1 import presence_pb2 as pb
from palique.presence.v1 import presence_pb2_grpc as pb_grpc

from kit.codes import Code, Refused
from kit.rpc.auth import Caller, current_caller
from kit.rpc.server import RpcServer
from kit.vocabulary import PERSON_KINDS
from services.presence import validation
from services.presence.app.presence import Presence
from services.presence.domain import profile_fields
from services.presence.domain.profile import NoteEdit
from services.presence.domain.visitor import Note, Person
from services.presence.proto_mapping import availability_pb, row_pb, visitor_pb
from services.presence.validation import MAX_ONLINE_PAGE, MAX_PAGE, record_id

SERVICE = pb.DESCRIPTOR.services_by_name["PresenceService"].full_name
# Rows mapped before the event loop runs other tasks: a few milliseconds. 20,000 rows take a third of a second.
ROWS_BATCH = 500
# Visitors write no profiles and no notes.
AUTHOR_KINDS = [kind for kind in PERSON_KINDS if kind != "visitor"]


class PresenceServicer(pb_grpc.PresenceServiceServicer):
    """One method a use case. The interceptor has checked the caller's token for the request's site."""

    def __init__(self, presence: Presence, *, now: Callable[[], int]) -> None:
        self._presence = presence
        self._now = now

    def register(self, server: RpcServer) -> None:
        server.add(SERVICE, lambda raw: pb_grpc.add_PresenceServiceServicer_to_server(self, raw))

    async def Report(self, request: pb.ReportRequest, context: object) -> pb.ReportResponse:
        require_gateway(current_caller())
        site = record_id("site", request.site)
        lease = await self._presence.renew_lease(record_id("gateway", request.gateway))
        visitors, agents = validation.reported_events(request, lease.id, self._now())
        await self._presence.report(site, visitors, agents)
        return pb.ReportResponse()

    async def RenewLease(self, request: pb.RenewLeaseRequest, context: object) -> pb.RenewLeaseResponse:
        require_gateway(current_caller())
        lease = await self._presence.renew_lease(record_id("gateway", request.gateway))
        return pb.RenewLeaseResponse(known=lease.is_known(self._now()))

    async def ListOnline(self, request: pb.ListOnlineRequest, context: object) -> pb.ListOnlineResponse:
        site = record_id("site", request.site)
        page_size = validation.between("page_size", request.page_size, 0, MAX_ONLINE_PAGE)
        following = ""
        if page_size:
            after = record_id("page_token", request.page_token) if request.page_token else ""
            found, following = await self._presence.list_online_page(site, after, page_size)
        else:
            found = await self._presence.list_online(site)
        gone = (pb.VisitorGone(visitor=visitor_id, rev=rev) for visitor_id, rev in found.gone)
        answer = pb.ListOnlineResponse(as_of_rev=found.as_of_rev, gone=gone, next_page_token=following)
        for start in range(0, len(found.visitors), ROWS_BATCH):
            rows = map(row_pb, found.visitors[start : start + ROWS_BATCH])
            answer.rows.extend(row for row in rows if row is not None)
            await asyncio.sleep(0)
        return answer

    async def ListAvailability(
        self, request: pb.ListAvailabilityRequest, context: object
    ) -> pb.ListAvailabilityResponse:
        agents = await self._presence.list_agents(record_id("site", request.site))
        return pb.ListAvailabilityResponse(agents=map(availability_pb, agents))

    async def GetVisitor(self, request: pb.GetVisitorRequest, context: object) -> pb.GetVisitorResponse:
        visitor = await self._presence.get_visitor(*_site_and_visitor(request))
        return pb.GetVisitorResponse(visitor=visitor_pb(visitor))

    async def ListVisitors(self, request: pb.ListVisitorsRequest, context: object) -> pb.ListVisitorsResponse:
        site = record_id("site", request.site)
        limit = validation.between("limit", request.limit, 1, MAX_PAGE)
        visitors, following = await self._presence.list_visitors(site, request.cursor, limit)
        return pb.ListVisitorsResponse(visitors=map(visitor_pb, visitors), next=following)

    async def FindVisitors(self, request: pb.FindVisitorsRequest, context: object) -> pb.FindVisitorsResponse:
        site = record_id("site", request.site)
        limit = validation.between("limit", request.limit, 1, MAX_PAGE)
        found, more = await self._presence.find_visitors(site, validation.search_text(request.text), limit)
        return pb.FindVisitorsResponse(visitors=found, more=more)

    async def NameVisitors(self, request: pb.NameVisitorsRequest, context: object) -> pb.NameVisitorsResponse:
        site = record_id("site", request.site)
        validation.between("visitors", len(request.visitors), 1, MAX_PAGE)
        visitor_ids = [record_id("visitors", visitor_id) for visitor_id in request.visitors]
        return pb.NameVisitorsResponse(names=await self._presence.visitor_names(site, visitor_ids))

    async def EditVisitor(self, request: pb.EditVisitorRequest, context: object) -> pb.EditVisitorResponse:
        site, visitor_id = _site_and_visitor(request)
        # Contains the optional fields that the request sets, also to an empty text.
        edit = {field.name: text for field, text in request.ListFields() if field.name in profile_fields.RULES}
        if request.only_empty:
            after = await self._presence.fill_profile(site, visitor_id, edit)
        else:
            after = await self._presence.edit_profile(site, visitor_id, request.version, edit)
        return pb.EditVisitorResponse(visitor=visitor_pb(after))

    async def SetFields(self, request: pb.SetFieldsRequest, context: object) -> pb.SetFieldsResponse:
        site, visitor_id = _site_and_visitor(request)
        await self._presence.set_fields(site, visitor_id, validation.page_fields(request.fields))
        return pb.SetFieldsResponse()

    async def AddNote(self, request: pb.AddNoteRequest, context: object) -> pb.AddNoteResponse:
        site, visitor_id = _site_and_visitor(request)
        named = Person(request.author_kind, request.author, request.author_name)
        author = note_author(current_caller(), "author", named)
        note_id, text = record_id("note", request.note), profile_fields.note(request.text)
        note = Note(note_id, text, author.kind, author.id, author.name, self._now())
        return pb.AddNoteResponse(visitor=visitor_pb(await self._presence.add_note(site, visitor_id, note)))

    async def EditNote(self, request: pb.EditNoteRequest, context: object) -> pb.EditNoteResponse:
        site, visitor_id = _site_and_visitor(request)
        named = Person(request.editor_kind, request.editor, request.editor_name)
        edit = NoteEdit(
            note_id=record_id("note", request.note),
            version=request.version,
            text=profile_fields.note(request.text),
            editor=note_author(current_caller(), "editor", named),
            may_edit_others=may_edit_others(current_caller(), request.others),
            at=self._now(),
        )
        return pb.EditNoteResponse(visitor=visitor_pb(await self._presence.edit_note(site, visitor_id, edit)))


def require_gateway(caller: Caller) -> None:
    """Refused(forbidden) for a caller with a token of one site: it has no connections to report."""
    if not caller.is_ours:
        raise Refused(Code.FORBIDDEN, "Only gateways report connections.")


def note_author(caller: Caller, field: str, named: Person) -> Person:
    return caller.acts_as(lambda: _checked_author(field, named), Person)


def _checked_author(field: str, named: Person) -> Person:
    if named.kind not in AUTHOR_KINDS:
        raise Refused(Code.INVALID, f"{field}_kind is none of: {', '.join(AUTHOR_KINDS)}.")
    return Person(named.kind, record_id(field, named.id), profile_fields.name(named.name, f"{field}_name"))


def may_edit_others(caller: Caller, is_administrator: bool) -> bool:
    """True when our own service says that the editor is an administrator. A caller with a token of one site cannot claim it."""
    return is_administrator and caller.is_ours


def _site_and_visitor(
    request: pb.GetVisitorRequest
    | pb.EditVisitorRequest
    | pb.SetFieldsRequest
    | pb.AddNoteRequest
    | pb.EditNoteRequest,
) -> tuple[str, str]:
    return record_id("site", request.site), record_id("visitor", request.visitor)
