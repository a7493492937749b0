"""Time to the first row of the visitor list: an agent's dashboard opens in Chromium with the CPU throttled to a quarter.

`make first-row` starts its own stack with 177 visitors and writes the figure into docs/performance.md; `--url` measures a running
stack and prints the steps of each opening. The steps are milliseconds since the navigation, medians of all openings.
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import Browser, StorageState

from bench.figures import taken, write
from tests.browser.chromium import chromium, person
from tests.browser.guests import TRUST, WINDOWS, Guest, seated
from tests.support.json_object import JsonObject
from tests.support.stack import Stack

VISITORS = 177
# The CPU of a cheap computer compared with a developer's.
SLOWER = 4
RUNS = 7
PATIENCE_MS, SETTLE_MS = 60_000, 500
STEPS = ("script", "session known", "socket open", "welcome", "list arrives", "first row")
# Marks the steps from inside the page, before its own scripts run.
RECORD = """() => {
  const steps = (window.__steps = {});
  const mark = (name) => (steps[name] ??= performance.now());
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (one.name.endsWith(".js")) steps.script ??= one.responseEnd;
      if (one.name.endsWith("/api/v1/me")) steps["session known"] ??= one.responseEnd;
    }
  }).observe({ type: "resource", buffered: true });
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("open", () => mark("socket open"));
      this.addEventListener("message", ({ data }) => {
        if (data.includes('"type":"welcome"')) mark("welcome");
        if (data.startsWith('{"type":"visitors"')) mark("list arrives");
      });
    }
  };
  new MutationObserver(() => {
    if (!steps["first row"] && document.querySelector("tr[data-visitor]"))
      requestAnimationFrame(() => setTimeout(() => mark("first row")));
  }).observe(document, { childList: true, subtree: true });
}"""


async def open_dashboard(browser: Browser, url: str, cookies: StorageState) -> dict[str, float]:
    """The steps of one opening, without a cache."""
    async with person(browser, None, storage_state=cookies) as agent:
        page = agent.page
        await page.add_init_script(f"({RECORD})()")
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await page.goto(f"{url}/dashboard/", wait_until="commit")
        await page.locator("tr[data-visitor]").first.wait_for(timeout=PATIENCE_MS)
        # The mark follows the next frame.
        await page.wait_for_timeout(SETTLE_MS)
        steps: JsonObject = await page.evaluate("window.__steps")
        return {name: float(steps.get(name, 0.0)) for name in STEPS}


async def measure(url: str) -> dict[str, list[float]]:
    """All openings, by step; the first one, which fills the browser's caches, is left out."""
    guests = [Guest(f"88.0.{n // 250}.{n % 250 + 1}", WINDOWS, f"/demo?n={n}", f"Shop {n}") for n in range(VISITORS)]
    async with chromium() as browser, seated(url, guests):
        async with person(browser) as agent:
            await agent.sign_in(url, "agent@palique.test")
            cookies = StorageState(cookies=(await agent.context.storage_state())["cookies"], origins=[])
        openings = [await open_dashboard(browser, url, cookies) for _ in range(RUNS + 1)][1:]
    return {step: [opening[step] for opening in openings] for step in STEPS}


def table(steps: dict[str, list[float]]) -> str:
    rows = [
        f"| {step} | {statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f}) |"
        for step, values in steps.items()
    ]
    return "\n".join(["| Step | ms since the navigation: median (range) |", "| --- | --- |", *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of a running stack that trusts the loopback network as its proxy")
    url = parser.parse_args().url
    if url:
        print(table(asyncio.run(measure(url))))
        return
    with tempfile.TemporaryDirectory() as home:
        stack = Stack(Path(home), TRUST)
        stack.start()
        try:
            found = table(asyncio.run(measure(str(stack.described["public"]))))
        finally:
            stack.stop()
    write("first-row", f"{found}\n\n{taken()} {VISITORS} visitors, CPU throttled {SLOWER} times.")


if __name__ == "__main__":
    main()
