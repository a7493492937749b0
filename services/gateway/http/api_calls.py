"""All calls of the HTTP API, with the structs that their handlers decode and encode. A test compares them with the routes."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from services.gateway.accounts.photos import MEDIA_TYPE, TYPES
from services.gateway.http.agents import (
    AgentAccount,
    AgentAccountList,
    AgentList,
    AgentPatch,
    AgentQuery,
    InvitedAgent,
    NewAgent,
)
from services.gateway.http.chat_json import ChatItem
from services.gateway.http.chat_logs import ChatLog, EntriesQuery, ExportQuery, LogEntries, LogQuery
from services.gateway.http.chats import ChatList, ChatPatch, ChatQuery
from services.gateway.http.comments import Comment, CommentList, CommentQuery, NewComment
from services.gateway.http.first_steps import FirstStepsPatch, SiteFirstSteps
from services.gateway.http.invitations import Invitee, NewPassword, Token
from services.gateway.http.mail_settings import MailStatus
from services.gateway.http.mails import MailResult
from services.gateway.http.own_sessions import OwnSessionList
from services.gateway.http.photos import PhotoAddress
from services.gateway.http.profile import Me, MePatch, PasswordChange, PasswordProof
from services.gateway.http.sessions import SignIn
from services.gateway.http.setup import FirstSite, SetupState
from services.gateway.http.site import SitePatch, SiteSettings
from services.gateway.http.site_activity import SiteActivity
from services.gateway.http.ticket_json import Ticket
from services.gateway.http.tickets import TicketList, TicketPatch, TicketQuery
from services.gateway.http.visitor_json import VisitorPatch, VisitorProfile
from services.gateway.http.visitor_sessions import VisitorSession, VisitorSessionEnd, VisitorSessionToken
from services.gateway.http.visitors import NewNote, NotePatch

JSON = "application/json"
StructType = type[msgspec.Struct]


class Call(NamedTuple):
    """One method of one path. `answers`: the JSON structs of a successful response, alternatives of one another. `media`: media
    types by status, none without a body. `open`: needs no session.
    """

    method: str
    path: str
    summary: str
    body: StructType | None = None
    query: StructType | None = None
    takes: tuple[str, ...] = (JSON,)
    answers: tuple[StructType, ...] = ()
    media: Mapping[int, tuple[str, ...]] = {200: (JSON,)}
    open: bool = False


NOTHING: Mapping[int, tuple[str, ...]] = {204: ()}
CREATED: Mapping[int, tuple[str, ...]] = {201: (JSON,)}
FOUND_OR_CREATED: Mapping[int, tuple[str, ...]] = {200: (JSON,), 201: (JSON,)}
CALLS = (
    Call("GET", "/api/v1/setup", "Reads whether the installation has a site.", answers=(SetupState,), open=True),
    Call("POST", "/api/v1/setup", "Creates the first site, once.", FirstSite, media=NOTHING, open=True),
    Call("POST", "/api/v1/session", "Signs an agent in.", SignIn, media=NOTHING, open=True),
    Call("DELETE", "/api/v1/session", "Signs out.", media=NOTHING, open=True),
    Call(
        "POST",
        "/api/v1/visitor/session",
        "Issues a visitor's token, with the widget's settings.",
        VisitorSession,
        answers=(VisitorSessionToken,),
        open=True,
    ),
    Call(
        "POST",
        "/api/v1/visitor/session/end",
        "Ends a visitor's token and closes the visitor's sockets.",
        VisitorSessionEnd,
        media=NOTHING,
        open=True,
    ),
    Call("GET", "/api/v1/me", "Reads the signed-in agent.", answers=(Me,)),
    Call("PATCH", "/api/v1/me", "Changes the signed-in agent's name or language.", MePatch, answers=(Me,)),
    Call("POST", "/api/v1/me/password", "Changes the signed-in agent's password.", PasswordChange, media=NOTHING),
    Call(
        "POST",
        "/api/v1/me/proof",
        "Proves the signed-in agent's password for ten minutes.",
        PasswordProof,
        media=NOTHING,
    ),
    Call("GET", "/api/v1/me/sessions", "Lists the signed-in agent's sessions.", answers=(OwnSessionList,)),
    Call("DELETE", "/api/v1/me/sessions", "Ends all sessions of the signed-in agent.", media=NOTHING),
    Call("DELETE", "/api/v1/me/sessions/{id}", "Ends a session of the signed-in agent.", media=NOTHING),
    Call("PUT", "/api/v1/me/photo", "Sets the signed-in agent's photo.", takes=tuple(TYPES), answers=(PhotoAddress,)),
    Call("DELETE", "/api/v1/me/photo", "Removes the signed-in agent's photo.", answers=(PhotoAddress,)),
    Call("GET", "/api/v1/photos/{id}", "Reads an agent's photo.", media={200: (MEDIA_TYPE,), 204: ()}, open=True),
    Call("GET", "/api/v1/agents", "Lists the site's agents.", query=AgentQuery, answers=(AgentList, AgentAccountList)),
    Call("POST", "/api/v1/agents", "Invites an agent.", NewAgent, answers=(InvitedAgent,), media=CREATED),
    Call("PATCH", "/api/v1/agents/{id}", "Changes an agent's role or access.", AgentPatch, answers=(AgentAccount,)),
    Call("POST", "/api/v1/agents/{id}/invitation", "Creates a new link to set a password.", answers=(InvitedAgent,)),
    Call("POST", "/api/v1/invitation", "Reads the invited agent.", Token, answers=(Invitee,), open=True),
    Call(
        "POST",
        "/api/v1/invitation/password",
        "Sets the invited agent's password.",
        NewPassword,
        media=NOTHING,
        open=True,
    ),
    Call("GET", "/api/v1/site", "Reads the site's settings.", answers=(SiteSettings,)),
    Call("GET", "/api/v1/site/activity", "Counts open chats and visitors online.", answers=(SiteActivity,)),
    Call("GET", "/api/v1/site/first-steps", "Reads the site's first steps.", answers=(SiteFirstSteps,)),
    Call("PATCH", "/api/v1/site/first-steps", "Hides the first steps.", FirstStepsPatch, media=NOTHING),
    Call("PATCH", "/api/v1/site", "Changes the site's settings.", SitePatch, answers=(SiteSettings,)),
    Call("GET", "/api/v1/mail", "Reads whether mail is configured.", answers=(MailStatus,)),
    Call("POST", "/api/v1/mail/test", "Sends a test mail to the signed-in administrator.", answers=(MailResult,)),
    Call("GET", "/api/v1/visitors/{id}", "Reads a visitor's profile.", answers=(VisitorProfile,)),
    Call("PATCH", "/api/v1/visitors/{id}", "Changes a visitor's profile.", VisitorPatch, answers=(VisitorProfile,)),
    Call(
        "POST",
        "/api/v1/visitors/{id}/notes",
        "Adds a note about a visitor, once per client_id.",
        NewNote,
        answers=(VisitorProfile,),
    ),
    Call("PATCH", "/api/v1/visitors/{id}/notes/{note}", "Changes a note's text.", NotePatch, answers=(VisitorProfile,)),
    Call("GET", "/api/v1/chats", "Lists chats.", query=ChatQuery, answers=(ChatList,)),
    Call("PATCH", "/api/v1/chats/{id}", "Flags a chat for review.", ChatPatch, answers=(ChatItem,)),
    Call("GET", "/api/v1/chats/{id}/log", "Reads a chat with its log.", query=LogQuery, answers=(ChatLog,)),
    Call("GET", "/api/v1/chats/{id}/entries", "Reads a page of a log.", query=EntriesQuery, answers=(LogEntries,)),
    Call(
        "GET",
        "/api/v1/chats/{id}/export",
        "Downloads a chat's log.",
        query=ExportQuery,
        answers=(ChatLog,),
        media={200: (JSON, "text/plain")},
    ),
    Call(
        "POST",
        "/api/v1/chats/{id}/ticket",
        "Returns the chat's ticket; the first call creates it.",
        answers=(Ticket,),
        media=FOUND_OR_CREATED,
    ),
    Call("GET", "/api/v1/tickets", "Lists tickets.", query=TicketQuery, answers=(TicketList,)),
    Call("GET", "/api/v1/tickets/{id}", "Reads a ticket.", answers=(Ticket,)),
    Call("PATCH", "/api/v1/tickets/{id}", "Changes a ticket.", TicketPatch, answers=(Ticket,)),
    Call(
        "GET",
        "/api/v1/tickets/{id}/comments",
        "Lists the comments on a ticket.",
        query=CommentQuery,
        answers=(CommentList,),
    ),
    Call(
        "POST",
        "/api/v1/tickets/{id}/comments",
        "Adds a comment, once per client_id.",
        NewComment,
        answers=(Comment,),
        media=FOUND_OR_CREATED,
    ),
)
