"""Cost of the widget for a page: the demo shop's front page with and without the loader, with the CPU throttled to a quarter.

`make page-cost` starts its own stack and writes the figure into docs/performance.md; `--url` measures a running stack and prints
the figure. Runs with and without the loader alternate; the figures are medians with their spread. Time is CPU time of the page's
main thread, so other load on the machine changes little.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, ViewportSize

from bench.figures import taken, write
from tests.browser.chromium import PHONE, chromium
from tests.support.stack import Stack

# The CPU of a cheap phone compared with a desktop.
SLOWER = 4
RUNS = 15
# The wait after the load event, which includes the session, the socket and the first page report.
SETTLE_MS = 1_500
FIGURES = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")


async def load(browser: Browser, url: str, *, with_loader: bool) -> dict[str, float]:
    """The durations of one visit in milliseconds, by name."""
    context = await browser.new_context(viewport=ViewportSize(width=PHONE["width"], height=PHONE["height"]))
    try:
        page = await context.new_page()
        if not with_loader:
            await page.route("**/widget.js", lambda route: route.abort())
        devtools = await context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        await page.goto(f"{url}/demo")
        await page.wait_for_timeout(SETTLE_MS)
        metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
    finally:
        await context.close()
    return {metric["name"]: metric["value"] * 1000 for metric in metrics if metric["name"] in FIGURES}


def described(values: Sequence[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.1f} ({low:.1f} to {high:.1f})"


async def measure(url: str) -> str:
    """The table of the figure."""
    visits: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    async with chromium() as browser:
        for run in range(RUNS + 1):
            for with_loader in (False, True):
                figures = await load(browser, url, with_loader=with_loader)
                # The first visit fills the browser's caches.
                if run > 0:
                    visits[with_loader].append(figures)
        version = browser.version
    rows = [
        f"{taken()} Chromium {version}, {SLOWER} times slower; median of {RUNS} visits each, in turns, with quartiles.",
        "",
        "| Main thread, ms | without | with |",
        "| --- | --- | --- |",
    ]
    for name in FIGURES:
        without, having = ([figures[name] for figures in visits[key]] for key in (False, True))
        rows.append(f"| {name.removesuffix('Duration')} | {described(without)} | {described(having)} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of a running stack")
    url = parser.parse_args().url
    if url:
        print(asyncio.run(measure(url)))
        return
    with tempfile.TemporaryDirectory() as home:
        stack = Stack(Path(home), {})
        stack.start()
        try:
            figure = asyncio.run(measure(str(stack.described["public"])))
        finally:
            stack.stop()
    write("page-cost", figure)
    print(figure)


if __name__ == "__main__":
    main()
