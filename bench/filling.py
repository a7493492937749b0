"""Fills a database with closed chats, in the product's documents and by its own rules, with thousands of documents per insert.

`fill` needs an empty site without other writers.
"""

import random
import time
from collections.abc import Iterator

import msgspec
from pymongo import InsertOne, MongoClient

from kit.ids import new_id
from kit.mongo import Document
from kit.text.search_terms import TERMS_VERSION, index_terms
from services.chat.domain.log import Entry, Person, State, fold
from services.chat.store.documents import entry_document, reserved_document
from services.gateway.accounts.demo_data import DEMO_SITE
from services.tickets.domain.filters import search_terms_of
from services.tickets.domain.person import Person as TicketPerson
from services.tickets.domain.ticket import new_ticket
from services.tickets.domain.transcript import Transcript
from tests.support.json_object import JsonObject

ENTRIES_A_CHAT = 20
# Documents per insert.
CHATS_AT_ONCE = 250
# The chats spread over one year.
SPAN_MS = 365 * 24 * 3600 * 1000
AGENTS = 50
# Some visitors have several chats.
CHATS_A_VISITOR = 4
TICKETS_A_CHAT = 0.2
SECOND_MS = 1000
DAY_MS = 24 * 3600 * SECOND_MS
# Ranks of words by a power law: few words are common, most are rare, as in any language.
WORDS = 20_000
COMMON = 3.0
COUNTRIES = ("ES", "US", "DE", "FR", "MX", "AR", "")


def fill(mongodb_url: str, entries: int, seed: int = 1) -> JsonObject:
    """Inserts so many entries with their conversations and some tickets. Returns counts and duration."""
    dice = random.Random(seed)
    began = time.monotonic()
    chats = entries // ENTRIES_A_CHAT
    with MongoClient[Document](mongodb_url) as client:
        chat, tickets = client["palique_chat"], client["palique_tickets"]
        number = 0
        for some in _chunks(dice, chats):
            chat["entries"].insert_many([one for _, log in some for one in log], ordered=False)
            chat["conversations"].insert_many([document for document, _ in some], ordered=False)
            ticketed = [document for document, _ in some if dice.random() < TICKETS_A_CHAT]
            writes = [InsertOne(_ticket(document, number + place)) for place, document in enumerate(ticketed, 1)]
            number += len(writes)
            if writes:
                tickets["tickets"].bulk_write(writes, ordered=False)
    return {"entries": chats * ENTRIES_A_CHAT, "chats": chats, "tickets": number, "took_s": time.monotonic() - began}


def _chunks(dice: random.Random, chats: int) -> Iterator[list[tuple[JsonObject, list[JsonObject]]]]:
    agents = [Person("agent", new_id(), f"Agent {number}") for number in range(AGENTS)]
    visitors = [Person("visitor", new_id(), f"Visitor {number}") for number in range(max(1, chats // CHATS_A_VISITOR))]
    first_ms = int(time.time() * 1000) - SPAN_MS - DAY_MS
    for start in range(0, chats, CHATS_AT_ONCE):
        yield [
            _chat(dice, dice.choice(visitors), dice.choice(agents), first_ms + SPAN_MS * number // chats)
            for number in range(start, min(chats, start + CHATS_AT_ONCE))
        ]


def _chat(dice: random.Random, visitor: Person, agent: Person, at_ms: int) -> tuple[JsonObject, list[JsonObject]]:
    """The document of a closed chat and the documents of its log."""
    state = State(
        site=DEMO_SITE.key, id=new_id(), visitor=visitor, opened_by=visitor, started_at_ms=at_ms,
        country=dice.choice(COUNTRIES),
    )  # fmt: skip
    log, texts = [], [visitor.name]
    kinds = ["opened", "assigned", *["message"] * (ENTRIES_A_CHAT - 3), "closed"]
    for seq, kind in enumerate(kinds, 1):
        author = visitor if kind == "opened" or (kind == "message" and seq % 2) else agent
        entry = Entry(
            site=state.site, conversation_id=state.id, seq=seq, kind=kind, author=author,
            at_ms=at_ms + seq * 20 * SECOND_MS,
        )  # fmt: skip
        if kind == "message":
            text = _text(dice)
            texts.append(text)
            entry = msgspec.structs.replace(entry, text=text, client_id=f"{state.id}-{seq}")
        elif kind == "assigned":
            entry = msgspec.structs.replace(entry, agent=agent)
        elif kind == "opened":
            entry = msgspec.structs.replace(entry, visitor=visitor, started_by="visitor", country=state.country)
        state = fold(state, entry)
        log.append(entry_document(entry, outbox=False))
    document = {**reserved_document(state), "words": index_terms(texts, 10_000), "filed": TERMS_VERSION}
    return document, log


def _text(dice: random.Random) -> str:
    return " ".join(f"w{int(WORDS * dice.random() ** COMMON)}" for _ in range(6))


def _ticket(chat: JsonObject, number: int) -> JsonObject:
    ticket = new_ticket(
        site=chat["site"],
        ticket_id=new_id(),
        number=number,
        subject=f"About the order {number}",
        priority="normal",
        by=_person(chat["assignee"]),
        now_ms=chat["ended_at"],
        conversation_id=chat["_id"],
        visitor=_person(chat["visitor"]),
        transcript=Transcript(),
    )
    return {"_id": ticket.id, **msgspec.to_builtins(ticket), "words": search_terms_of(ticket), "facts": []}


def _person(document: JsonObject) -> TicketPerson:
    return TicketPerson(kind=document["kind"], id=document["id"], name=document["name"])
