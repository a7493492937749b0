"""WebDriver commands for WebKit, through its HTTP server, and for Firefox, through Marionette, its own socket.

Both take the same commands (https://www.w3.org/TR/webdriver2). No driver is downloaded: Debian packages both browsers.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any, Protocol

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# A command that waits for a page of a busy machine.
COMMAND_S = 60.0
# The HTTP form of the commands: method and path.
PATHS = {
    "Navigate": "POST url",
    "Back": "POST back",
    "Forward": "POST forward",
    "Refresh": "POST refresh",
    "ElementClick": "POST element/{id}/click",
    "ElementSendKeys": "POST element/{id}/value",
    "ExecuteScript": "POST execute/sync",
    "SwitchToFrame": "POST frame",
    "GetWindowHandle": "GET window",
    "NewWindow": "POST window/new",
    "SwitchToWindow": "POST window",
    "CloseWindow": "DELETE window",
    "SetWindowRect": "POST window/rect",
    "PerformActions": "POST actions",
    "TakeScreenshot": "GET screenshot",
    "DeleteSession": "DELETE ",
}


class WebDriverError(Exception):
    """The browser's refusal of a command."""


class Remote(Protocol):
    """A browser with one session."""

    async def command(self, name: str, parameters: Mapping[str, object]) -> Any:
        """The value of the answer; WebDriverError for a refusal."""

    async def close(self) -> None: ...


class HttpRemote:
    """A session at the HTTP server of a driver."""

    def __init__(self, http: httpx.AsyncClient, session: str) -> None:
        self._http = http
        self._session = session

    @classmethod
    async def open(cls, port: int, capabilities: Mapping[str, object]) -> "HttpRemote":
        http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=COMMAND_S, verify=False)
        found = await _sent(http, "POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        return cls(http, found["sessionId"])

    async def command(self, name: str, parameters: Mapping[str, object]) -> object:
        method, path = PATHS[name].split(" ")
        address = f"/session/{self._session}/{path.format_map(parameters)}".rstrip("/")
        return await _sent(self._http, method, address, parameters)

    async def close(self) -> None:
        try:
            await self.command("DeleteSession", {})
        finally:
            await self._http.aclose()


async def _sent(http: httpx.AsyncClient, method: str, address: str, parameters: Mapping[str, object]) -> Any:
    answer = await http.request(method, address, json=parameters if method == "POST" else None)
    value = answer.json()["value"]
    if answer.status_code != 200:
        raise WebDriverError(f"{method} {address}: {value}")
    return value


class MarionetteRemote:
    """A session at the socket of Firefox. A packet is `length:[type, id, …]`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._count = 0

    @classmethod
    async def open(cls, port: int, capabilities: Mapping[str, object]) -> "MarionetteRemote":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        remote = cls(reader, writer)
        await remote._packet()  # its greeting
        await remote.command("NewSession", {"capabilities": {"alwaysMatch": capabilities}})
        return remote

    async def command(self, name: str, parameters: Mapping[str, object]) -> object:
        self._count += 1
        packet = json.dumps([0, self._count, f"WebDriver:{name}", _as_marionette(name, parameters)]).encode()
        self._writer.write(b"%d:%s" % (len(packet), packet))
        async with asyncio.timeout(COMMAND_S):
            _, _, error, result = await self._packet()
        if error:
            raise WebDriverError(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    async def close(self) -> None:
        self._writer.close()

    async def _packet(self) -> Any:
        length = int((await self._reader.readuntil(b":"))[:-1])
        return json.loads(await self._reader.readexactly(length))


def _as_marionette(name: str, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    if name == "SwitchToFrame" and parameters["id"]:
        return {"element": parameters["id"][ELEMENT]}
    return parameters


class Tab:
    """The page of a person in a browser, and the frame inside it to which the commands go."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    async def goto(self, url: str) -> None:
        await self.remote.command("Navigate", {"url": url})

    async def back(self) -> None:
        await self.remote.command("Back", {})

    async def forward(self) -> None:
        await self.remote.command("Forward", {})

    async def reload(self) -> None:
        await self.remote.command("Refresh", {})

    async def run(self, script: str, *values: object) -> Any:
        """The result of a function's body; its arguments are in `arguments`."""
        return await self.remote.command("ExecuteScript", {"script": script, "args": list(values)})

    async def enter(self, frame: Mapping[str, str] | None) -> None:
        """Later commands go to this frame; None is the page."""
        await self.remote.command("SwitchToFrame", {"id": frame})

    async def click(self, element: Mapping[str, str]) -> None:
        await self.remote.command("ElementClick", {"id": element[ELEMENT]})

    async def type(self, element: Mapping[str, str], text: str) -> None:
        """As keys, one after the other."""
        keys = {"id": element[ELEMENT], "text": text, "value": list(text)}
        await self.remote.command("ElementSendKeys", keys)

    async def press(self, text: str) -> None:
        """As keys, to the element that has the focus."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        await self.remote.command("PerformActions", {"actions": [{"type": "key", "id": "keys", "actions": keys}]})

    async def window(self) -> str:
        found: str = await self.remote.command("GetWindowHandle", {})
        return found

    async def new_tab(self) -> str:
        """Opens a second page of the same person. Later commands go to it."""
        handle: str = (await self.remote.command("NewWindow", {"type": "tab"}))["handle"]
        await self.to_window(handle)
        return handle

    async def to_window(self, handle: str) -> None:
        await self.remote.command("SwitchToWindow", {"handle": handle, "name": handle})

    async def resize(self, width: int, height: int) -> None:
        await self.remote.command("SetWindowRect", {"width": width, "height": height, "x": 0, "y": 0})

    async def picture(self) -> bytes:
        return base64.b64decode(await self.remote.command("TakeScreenshot", {}))
