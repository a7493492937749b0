"""Notes which pages load a site's widget, so that its administrators see whether the script tag works."""

from collections.abc import Callable
from contextlib import suppress

from kit.codes import Refused
from kit.config.origin import parse_origin
from services.gateway.accounts import site_settings
from services.gateway.accounts.model import WidgetLoad
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.throttle import LocalThrottle, Rule

# One write a minute for each site and origin.
PAGE_RULE = Rule(burst=1, interval_ms=60_000)
# Clients choose the origins of refused pages. This bounds their writes for each site.
REFUSED_RULE = Rule(burst=10, interval_ms=6_000)


class WidgetLoads:
    """Notes loads, with few writes. `clock` returns milliseconds since 1970."""

    def __init__(self, store: GatewayStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._pages = LocalThrottle(PAGE_RULE)
        self._refused = LocalThrottle(REFUSED_RULE)

    async def note(self, site_key: str, origin: str | None, *, allowed: bool) -> None:
        """A page asked for a visitor's session. `allowed`: its origin is one of the site's."""
        if origin is None or parse_origin(origin) is None:
            return
        load = WidgetLoad(site_settings.origin(origin), self._clock())
        if self._pages.take(f"{site_key} {load.origin} {allowed}", load.at_ms):
            return
        if not allowed and self._refused.take(site_key, load.at_ms):
            return
        # A visitor gets the session also while this cannot be written.
        with suppress(Refused):
            if allowed:
                await self._store.first_steps.put_seen(site_key, load)
            else:
                await self._store.first_steps.put_refused(site_key, load)
