"""The widget, on the pages of the demo shop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser

from tests.browser.chromium import Person, person
from tools.pictures.camera import LOOKS, Camera


async def a_talk(browser: Browser, public: str, look: str, agent: Person) -> None:
    """From the closed button to the end of the chat."""
    async with person(browser, **LOOKS[look]) as one:
        camera = Camera(one, look)
        spanish = camera.spanish
        await one.visit(public, "/demo/es" if spanish else "/demo")
        await one.page.locator("palique-chat button").wait_for()
        await camera.take("widget-closed")
        await one.open_chat()
        await camera.take("widget-new")
        await one.write("¿Puedo recogerlo en la tienda?" if spanish else "Can I pick it up at the shop?")
        await one.widget.locator(".status").last.wait_for()
        await camera.take("widget-queue")
        await agent.page.goto(f"{public}/dashboard/")
        box = await agent.accept(one)
        await agent.reply(box, "¡Claro! Abrimos de 10 a 20 h." if spanish else "Of course! We are there from 10 to 8.")
        await one.write("Perfecto, gracias." if spanish else "Perfect, thank you.")
        await one.widget.locator(".status").last.wait_for()
        await camera.take("widget-talk")
        await one.context.set_offline(True)
        await one.write("¿Y los domingos?" if spanish else "And on Sundays?")
        await one.widget.locator(".pending").wait_for()
        await camera.take("widget-retry")
        await one.context.set_offline(False)
        await one.widget.locator(".pending").wait_for(state="detached")
        await one.page.evaluate("Palique.close()")
        await agent.reply(box, "Los domingos cerramos." if spanish else "On Sundays we are closed.")
        await one.page.locator("palique-chat button[data-badge='1']").wait_for()
        await camera.take("widget-unread")
        await one.open_chat()
        await one.widget.locator(".header .quiet").first.click()
        await camera.take("widget-end-question")
        await one.widget.locator(".end .danger").click()
        await one.widget.locator(".header .quiet").nth(1).wait_for(state="detached")
        await camera.take("widget-ended")


async def opened(browser: Browser, public: str, look: str, state: str) -> None:
    """The open widget while no agent is online."""
    async with person(browser, **LOOKS[look]) as one:
        camera = Camera(one, look)
        await one.visit(public, "/demo/es" if camera.spanish else "/demo")
        await one.open_chat()
        await camera.take(state)


async def asked(browser: Browser, public: str, look: str) -> None:
    """The question for consent."""
    async with person(browser, **LOOKS[look]) as one:
        camera = Camera(one, look)
        await one.visit(public, "/demo/es" if camera.spanish else "/demo")
        await one.page.locator("palique-chat button").first.click()
        await camera.take("widget-consent")


@asynccontextmanager
async def site_with(agent: Person, public: str, **changes: Any) -> AsyncIterator[None]:
    """Changes the site's settings for the block."""
    address, headers = f"{public}/api/v1/site", {"Origin": public}
    before = await (await agent.page.request.get(address)).json()
    data = {"version": before["version"], **changes}
    await agent.page.request.patch(address, data=data, headers=headers)
    yield
    now = await (await agent.page.request.get(address)).json()
    data = {"version": now["version"], **{key: before[key] for key in changes}}
    await agent.page.request.patch(address, data=data, headers=headers)


@asynccontextmanager
async def no_agent_online(agent: Person) -> AsyncIterator[None]:
    """Makes the only agent invisible for the block."""
    await choose(agent, "Invisible")
    yield
    await choose(agent, "Online")


async def choose(agent: Person, status: str) -> None:
    await agent.page.locator(".agent-button").click()
    await agent.page.get_by_role("menuitemradio", name=status).click()
