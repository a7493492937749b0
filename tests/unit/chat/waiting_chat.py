"""A waiting conversation, and callers of chat with tokens of all sites and of one."""

from kit.rpc.auth import ALL_SITES, Caller
from services.chat.domain.commands import (
    Open,
    decide,
)
from services.chat.domain.log import Entry, State, fold
from tests.unit.chat.talks import SITE, VERA, reserved

GATEWAY = Caller("gateway", ALL_SITES)
SITES_CRM = Caller("crm", SITE)


def waiting() -> State:
    opening = decide(reserved(), Open(SITE, VERA), 1)
    assert isinstance(opening, Entry)
    return fold(reserved(), opening)
