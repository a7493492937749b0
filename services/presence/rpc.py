"""The gRPC side of presence: each method checks its request, asks the application, words the answer."""

import asyncio
from collections.abc import Callable

from palique.presence.v1 import presence_pb2 as pb
from palique.presence.v1 import presence_pb2_grpc as pb_grpc

from kit.codes import Code, Refused
from kit.rpc.server import RpcServer, current_caller
from kit.vocabulary import PERSON_KINDS
from services.presence.app.presence import Presence
from services.presence.domain import validation
from services.presence.domain.profile import Edit, NoteEdit
from services.presence.domain.visitor import Note, Writer
from services.presence.proto_mapping import availability_message, checked_id, reported, row_message, visitor_message

SERVICE = pb.DESCRIPTOR.services_by_name["PresenceService"].full_name
PAGE_LIMIT = 100
# 2 MB of rows, of the 8 MiB that a message may have.
ONLINE_LIMIT = 5000
# Rows worded before others get their turn: some milliseconds of 20,000 rows' third of a second.
_ROWS_AT_ONCE = 500
# Visitors write no profiles and no notes.
_WRITER_KINDS = [kind for kind in PERSON_KINDS if kind != "visitor"]


class PresenceRpc(pb_grpc.PresenceServiceServicer):
    """PresenceService of the contract."""

    def __init__(self, presence: Presence, *, now: Callable[[], int]) -> None:
        self._presence = presence
        self._now = now

    def add_to(self, server: RpcServer) -> None:
        """Registers with the server."""
        server.add(SERVICE, lambda inner: pb_grpc.add_PresenceServiceServicer_to_server(self, inner))

    async def Report(self, request: pb.ReportRequest, context: object) -> pb.ReportResponse:
        _ours_only()
        site = checked_id(request.site, "site")
        gateway = checked_id(request.gateway, "gateway")
        lease = await self._presence.lease(gateway)
        visitors, agents = reported(request, lease.lease, self._now())
        await self._presence.report(site, visitors, agents)
        return pb.ReportResponse()

    async def RenewLease(self, request: pb.RenewLeaseRequest, context: object) -> pb.RenewLeaseResponse:
        _ours_only()
        lease = await self._presence.lease(checked_id(request.gateway, "gateway"))
        return pb.RenewLeaseResponse(known=lease.is_known(self._now()))

    async def ListOnline(self, request: pb.ListOnlineRequest, context: object) -> pb.ListOnlineResponse:
        site = checked_id(request.site, "site")
        if not 0 <= request.page_size <= ONLINE_LIMIT:
            raise Refused(Code.INVALID, f"page_size is not between 0 and {ONLINE_LIMIT}.")
        following = ""
        if request.page_size:
            after = checked_id(request.page_token, "page_token") if request.page_token else ""
            found, following = await self._presence.online_page(site, after, request.page_size)
        else:
            found = await self._presence.online(site)
        gone = (pb.VisitorGone(visitor=visitor, rev=rev) for visitor, rev in found.gone)
        answer = pb.ListOnlineResponse(as_of_rev=found.as_of_rev, gone=gone, next_page_token=following)
        for start in range(0, len(found.visitors), _ROWS_AT_ONCE):
            rows = map(row_message, found.visitors[start : start + _ROWS_AT_ONCE])
            answer.rows.extend(row for row in rows if row is not None)
            await asyncio.sleep(0)
        return answer

    async def ListAvailability(
        self, request: pb.ListAvailabilityRequest, context: object
    ) -> pb.ListAvailabilityResponse:
        agents = await self._presence.availability(checked_id(request.site, "site"))
        return pb.ListAvailabilityResponse(agents=map(availability_message, agents))

    async def GetVisitor(self, request: pb.GetVisitorRequest, context: object) -> pb.GetVisitorResponse:
        site, visitor = _whom(request)
        return pb.GetVisitorResponse(visitor=visitor_message(await self._presence.visitor(site, visitor)))

    async def ListVisitors(self, request: pb.ListVisitorsRequest, context: object) -> pb.ListVisitorsResponse:
        site = checked_id(request.site, "site")
        if not 1 <= request.limit <= PAGE_LIMIT:
            raise Refused(Code.INVALID, f"limit is not between 1 and {PAGE_LIMIT}.")
        visitors, following = await self._presence.visitors(site, request.cursor, request.limit)
        return pb.ListVisitorsResponse(visitors=map(visitor_message, visitors), next=following)

    async def FindVisitors(self, request: pb.FindVisitorsRequest, context: object) -> pb.FindVisitorsResponse:
        site = checked_id(request.site, "site")
        if not 1 <= request.limit <= PAGE_LIMIT:
            raise Refused(Code.INVALID, f"limit is not between 1 and {PAGE_LIMIT}.")
        if not 1 <= len(request.text) <= validation.EMAIL_LIMIT or "\0" in request.text:
            raise Refused(Code.INVALID, f"text has 1 to {validation.EMAIL_LIMIT} characters, and no NUL.")
        found, more = await self._presence.named(site, request.text, request.limit)
        return pb.FindVisitorsResponse(visitors=found, more=more)

    async def NameVisitors(self, request: pb.NameVisitorsRequest, context: object) -> pb.NameVisitorsResponse:
        site = checked_id(request.site, "site")
        if not 1 <= len(request.visitors) <= PAGE_LIMIT:
            raise Refused(Code.INVALID, f"visitors are not between 1 and {PAGE_LIMIT}.")
        visitors = [checked_id(visitor, "visitors") for visitor in request.visitors]
        return pb.NameVisitorsResponse(names=await self._presence.names(site, visitors))

    async def EditVisitor(self, request: pb.EditVisitorRequest, context: object) -> pb.EditVisitorResponse:
        site, visitor = _whom(request)
        edit = Edit(
            name=request.name if request.HasField("name") else None,
            email=request.email if request.HasField("email") else None,
            phone=request.phone if request.HasField("phone") else None,
            bio=request.bio if request.HasField("bio") else None,
        )
        after = await self._presence.edit(site, visitor, request.version, edit)
        return pb.EditVisitorResponse(visitor=visitor_message(after))

    async def AddNote(self, request: pb.AddNoteRequest, context: object) -> pb.AddNoteResponse:
        site, visitor = _whom(request)
        kind, author, name = _writer("author", request.author_kind, request.author, request.author_name)
        note = Note(checked_id(request.note, "note"), validation.note(request.text), kind, author, name, self._now())
        return pb.AddNoteResponse(visitor=visitor_message(await self._presence.add_note(site, visitor, note)))

    async def EditNote(self, request: pb.EditNoteRequest, context: object) -> pb.EditNoteResponse:
        site, visitor = _whom(request)
        edit = NoteEdit(
            note=checked_id(request.note, "note"),
            version=request.version,
            text=validation.note(request.text),
            editor=_writer("editor", request.editor_kind, request.editor, request.editor_name),
            others=request.others and current_caller().is_ours,
            at=self._now(),
        )
        return pb.EditNoteResponse(visitor=visitor_message(await self._presence.edit_note(site, visitor, edit)))


def _ours_only() -> None:
    if not current_caller().is_ours:
        raise Refused(Code.FORBIDDEN, "Only gateways report what happens on sockets.")


def _whom(
    request: pb.GetVisitorRequest | pb.EditVisitorRequest | pb.AddNoteRequest | pb.EditNoteRequest,
) -> tuple[str, str]:
    return checked_id(request.site, "site"), checked_id(request.visitor, "visitor")


def _writer(field: str, kind: str, person: str, name: str) -> Writer:
    return current_caller().acts_as(lambda: _named_writer(field, kind, person, name), Writer)


def _named_writer(field: str, kind: str, person: str, name: str) -> Writer:
    if kind not in _WRITER_KINDS:
        raise Refused(Code.INVALID, f"{field}_kind is none of: {', '.join(_WRITER_KINDS)}.")
    return Writer(kind, checked_id(person, field), validation.name(name, f"{field}_name"))
