"""What the widget costs a page that carries it: the shop's front page with and without the loader, on a processor four times slower.

`python -m bench.page_cost --url http://127.0.0.1:8080`; runs alternate, and medians are told with their spread. Time is the processor's
on the page's main thread, so that a busy machine changes little.
"""

import argparse
import asyncio
import platform
import statistics
from collections.abc import Sequence

from playwright.async_api import Browser, ViewportSize

from tests.browser.chromium import PHONE, chromium

# What a cheap phone is against a desk.
SLOWER = 4
RUNS = 15
# After the load event, for what starts late: the session, the socket, the first look at the page.
SETTLE_MS = 1_500
FIGURES = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")


async def load(browser: Browser, url: str, *, with_loader: bool) -> dict[str, float]:
    """Milliseconds of one visit, by name."""
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


async def measure(url: str) -> None:
    taken: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    async with chromium() as browser:
        for run in range(RUNS + 1):
            for with_loader in (False, True):
                figures = await load(browser, url, with_loader=with_loader)
                # The first fills the browser's own caches.
                if run > 0:
                    taken[with_loader].append(figures)
        version = browser.version
    print(f"Chromium {version}, {platform.machine()}, {SLOWER}x slower, {RUNS} runs each: median (quartiles), ms\n")
    print("| Main thread | without | with |\n| --- | --- | --- |")
    for name in FIGURES:
        without, having = ([figures[name] for figures in taken[key]] for key in (False, True))
        print(f"| {name.removesuffix('Duration')} | {described(without)} | {described(having)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="of a running stack")
    asyncio.run(measure(parser.parse_args().url))


if __name__ == "__main__":
    main()
