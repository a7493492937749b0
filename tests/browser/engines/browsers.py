"""Debian's WebKit and Firefox as processes, one for each person, with a new profile."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from devstack.ports import Ports, is_free
from tests.browser.engines.webdriver import HttpRemote, MarionetteRemote, Tab
from tests.support.eventually import eventually

ENGINES = ("webkit", "firefox")
WEBKIT = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"
START_S = 60.0
# Preferences of a browser that asks the network for nothing.
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.safebrowsing.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.update.enabled": False,
    "intl.accept_languages": "en-GB",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}


@asynccontextmanager
async def display() -> AsyncIterator[str]:
    """A screen without a monitor, for WebKit."""
    read, write = os.pipe()
    argv = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset"]
    async with _process(argv, pass_fds=[write]):
        os.close(write)
        with os.fdopen(read) as number:
            yield ":" + (await asyncio.to_thread(number.readline)).strip()


@asynccontextmanager
async def webkit(screen: str, home: Path) -> AsyncIterator[Tab]:
    """WebKitGTK's small browser: each automated session has an empty profile."""
    port = Ports(home / "ports.json").port("webkit")
    env = {
        "DISPLAY": screen,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "GDK_BACKEND": "x11",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    options = {"webkitgtk:browserOptions": {"binary": WEBKIT, "args": ["--automation"]}}
    async with _process(["WebKitWebDriver", f"--port={port}"], env=env):
        await eventually(lambda: not is_free(port), START_S, sentence="WebKit's driver listens")
        remote = await HttpRemote.open(port, options)
        try:
            yield Tab(remote)
        finally:
            await remote.close()


@asynccontextmanager
async def firefox(home: Path, preferences: Mapping[str, object] | None = None) -> AsyncIterator[Tab]:
    """Firefox without a window."""
    profile = home / "profile"
    profile.mkdir()
    wanted = {**PREFERENCES, "marionette.port": 0, **(preferences or {})}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items())
    (profile / "user.js").write_text("\n".join(lines))
    argv = ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    port_file = profile / "MarionetteActivePort"
    async with _process(argv, env={"HOME": str(home), "MOZ_CRASHREPORTER_DISABLE": "1"}):
        await eventually(lambda: port_file.exists() and port_file.read_text(), START_S, sentence="Firefox listens")
        remote = await MarionetteRemote.open(int(port_file.read_text()), {})
        try:
            yield Tab(remote)
        finally:
            await remote.close()


@asynccontextmanager
async def _process(
    argv: Sequence[str], env: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
) -> AsyncIterator[None]:
    """Ends with all processes that it started."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        env={**os.environ, **(env or {})},
        pass_fds=pass_fds,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
