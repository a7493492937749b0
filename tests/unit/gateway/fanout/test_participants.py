"""The cache of participants gives a conversation to its visitor and to agents of its site only."""

from typing import cast

import pytest

from kit.codes import Code, Refused
from services.gateway.backends import ChatPool
from services.gateway.connection.peer import AGENT, VISITOR, PeerIdentity
from services.gateway.fanout.participants import ParticipantCache, Participants


class NoConversations:
    """Chat without any conversation."""

    async def call(self, *_: object, **__: object) -> None:
        raise Refused(Code.NOT_FOUND, "There is no such conversation.")


def cache_with_one() -> ParticipantCache:
    cache = ParticipantCache(cast(ChatPool, NoConversations()))
    cache.put("demo", "c", "vera", "ana")
    return cache


@pytest.mark.parametrize(
    "identity", [PeerIdentity(VISITOR, "demo", "vera", "V"), PeerIdentity(AGENT, "demo", "ben", "Ben")]
)
async def test_the_visitor_and_agents_of_the_site_get_the_participants(identity: PeerIdentity) -> None:
    assert await cache_with_one().get(identity, "c") == Participants("vera", "ana")


@pytest.mark.parametrize(
    "identity",
    [
        PeerIdentity(VISITOR, "demo", "otto", "O"),
        PeerIdentity(VISITOR, "other", "vera", "V"),
        PeerIdentity(AGENT, "other", "ana", "Ana"),
    ],
)
async def test_another_visitor_or_site_gets_not_found(identity: PeerIdentity) -> None:
    with pytest.raises(Refused) as refused:
        await cache_with_one().get(identity, "c")
    assert refused.value.code is Code.NOT_FOUND


async def test_a_forgotten_site_is_read_again() -> None:
    cache = cache_with_one()
    cache.forget_site("demo")
    with pytest.raises(Refused):
        await cache.get(PeerIdentity(AGENT, "demo", "ana", "Ana"), "c")
