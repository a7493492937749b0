"""Takes pictures of every page and state: `make screenshots` writes them into build/screenshots.

A stack of its own is filled with guests and their talks; `--url` names a running one instead, which should be a new one. With
`--images` the few that the README shows are made smaller and kept in docs/images. `--matrix` takes others: the lists with
1, 30 and 300 entries and four open chats at four widths, on a stack without any chat. It fails when a control is covered or axe
finds something.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, StorageState

from tests.browser.chromium import SHOTS, Person, chromium, person
from tests.browser.guests import TRUST, seated
from tests.support.stack import Stack
from tools.pictures import dashboard, matrix, widget
from tools.pictures.camera import LOOKS
from tools.pictures.people import GUESTS, LUCIA, past, present

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
# What a page of the README may weigh is little; flat colours need few of them.
COLOURS = 128
# Looks taken side by side: while one waits another draws.
AT_ONCE = 3
# The README's, by the picture that they are made from.
KEPT = {
    "dashboard": "desk-light-en-boxes",
    "maximised": "desk-light-en-maximised",
    "logs": "desk-dark-en-logs",
    "widget-phone": "phone-dark-es-widget-talk",
}


async def take_all(public: str, looks: Sequence[str]) -> None:
    async with chromium() as browser, person(browser) as agent:
        await agent.sign_in(public, "admin@palique.test")
        # The dashboard stores its windows per agent.
        cookies = StorageState(cookies=(await agent.context.storage_state())["cookies"], origins=[])
        for look in looks:
            await dashboard.before_first_visitor(browser, public, look, cookies)
        await past(agent, public)
        async with seated(public, [replace(guest, says=()) for guest in GUESTS]) as seats:
            await present(agent, public, seats)
            places, lucia = asyncio.Semaphore(AT_ONCE), dashboard.Subject(seats[LUCIA].visitor, asyncio.Lock())

            async def work(look: str) -> None:
                async with places:
                    await dashboard.at_work(browser, public, look, cookies, lucia)

            await asyncio.gather(*map(work, looks))
        await take_widget(browser, public, agent, looks)
        async with widget.site_with(agent, public, enabled=False):
            for look in looks:
                await dashboard.switched_off(browser, public, look, cookies)


async def take_widget(browser: Browser, public: str, agent: Person, looks: Sequence[str]) -> None:
    for look in looks:
        await widget.a_talk(browser, public, look, agent)
    async with widget.no_agent_online(agent):
        for look in looks:
            await widget.opened(browser, public, look, "widget-offline")
    async with widget.site_with(agent, public, consent=True):
        for look in looks:
            await widget.asked(browser, public, look)


async def take_matrix(public: str, looks: Sequence[str]) -> None:
    async with chromium() as browser:
        faults = await matrix.take_all(browser, public, [look for look in looks if look.startswith("desk")])
    if faults:
        sys.exit("\n".join(faults))


def keep() -> None:
    """The README's pictures, in few colours."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for kept, taken in KEPT.items():
        with Image.open(SHOTS / f"{taken}.png") as picture:
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            small.save(IMAGES / f"{kept}.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of a running stack that trusts the loopback network as its proxy")
    parser.add_argument("--images", action="store_true", help="renew docs/images from them")
    parser.add_argument("--matrix", action="store_true", help="instead: many entries and open chats at each width")
    parser.add_argument("--look", default="", help=f"only those whose name holds this; all are {', '.join(LOOKS)}")
    chosen = parser.parse_args()
    looks = [look for look in LOOKS if chosen.look in look]
    take = take_matrix if chosen.matrix else take_all
    if chosen.url:
        asyncio.run(take(chosen.url, looks))
    else:
        with tempfile.TemporaryDirectory() as home:
            stack = Stack(Path(home), TRUST | matrix.ROOM)
            stack.start()
            try:
                asyncio.run(take(str(stack.described["public"]), looks))
            finally:
                stack.stop()
    if chosen.images:
        keep()
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS}")


if __name__ == "__main__":
    main()
