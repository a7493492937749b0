"""Mapping of visitors and agents to the messages of presence.proto. `validation.py` maps requests to domain values."""

from palique.presence.v1 import presence_pb2 as pb

from services.presence.domain import profile_fields
from services.presence.domain.agent import Agent
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Note, Origin, Visitor
from services.presence.domain.visitor_row import row_of


def row_pb(visitor: Visitor) -> pb.VisitorRow | None:
    """None when the visitor is not online."""
    row = row_of(visitor)
    if row is None:
        return None
    return pb.VisitorRow(
        visitor=row.visitor_id,
        rev=visitor.rev,
        name=row.name,
        state=row.state,
        region=row.region,
        country=row.country,
        page=_page_pb(row.page),
        visits=row.visits,
        chats=row.chats,
        since_ms=row.since,
        device=row.device,
        browser=row.browser,
        os=row.os,
        fields_version=row.fields_version,
    )


def visitor_pb(visitor: Visitor) -> pb.Visitor:
    """All fields that were read from the database."""
    online = visitor.online
    return pb.Visitor(
        site=visitor.site,
        visitor=visitor.id,
        version=visitor.version,
        placeholder=visitor.placeholder,
        **{field: getattr(visitor, field) for field in profile_fields.RULES},
        notes=map(_note_pb, visitor.notes),
        visits=visitor.visits,
        chats=visitor.chats,
        first_seen_ms=visitor.first_seen,
        last_seen_ms=visitor.last_seen,
        online=online is not None,
        state=visitor.state if online is not None else "",
        since_ms=online.since if online is not None else 0,
        origin=_origin_pb(visitor.origin),
        pages=map(_page_pb, visitor.pages),
        fields=(pb.PageField(key=field.key, value=field.value) for field in visitor.fields),
    )


def availability_pb(agent: Agent) -> pb.AgentAvailability:
    return pb.AgentAvailability(
        agent=agent.id, name=agent.name, status=agent.status, connected=agent.connected, rev=agent.rev
    )


def _page_pb(page: Page) -> pb.Page:
    return pb.Page(url=page.url, title=page.title, referrer=page.referrer, at_ms=page.at)


def _note_pb(note: Note) -> pb.Note:
    return pb.Note(
        note=note.id,
        text=note.text,
        author_kind=note.author_kind,
        author=note.author_id,
        author_name=note.author_name,
        at_ms=note.at,
        version=note.version,
        edited_at_ms=note.edited_at,
        editor_kind=note.editor_kind,
        editor=note.editor_id,
        editor_name=note.editor_name,
    )


def _origin_pb(origin: Origin) -> pb.Origin:
    return pb.Origin(
        ip=origin.ip,
        country=origin.country,
        region=origin.region,
        user_agent=origin.user_agent,
        browser=origin.browser,
        os=origin.os,
        device=origin.device,
    )
