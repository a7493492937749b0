"""Smoothness and cost of the visitor list: frames and main-thread time in Chromium while an agent scrolls, and CPU of
the services.

`make visitor-list` starts its own stack with 5,000 simulated visitors and writes the figure into docs/performance.md. With a
running stack and `make simulate`, `python -m bench.visitor_list --home .palique` prints more figures as JSON.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, async_playwright

from bench.figures import taken, write
from tests.support.json_object import JsonObject
from tests.support.stack import Stack

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]
# A frame at 60 Hz takes 16.7 ms. A pause of two frames is visible; a pause of fifty feels like a hang.
SLOW_MS = 33.4
STUCK_MS = 100.0
# Pixels per gesture and pixels per second: an agent that searches the list, down and up again.
GESTURE = 6_000
SPEED = 3_000
SERVICES = ("gateway", "presence")
VISITORS, CHANGES = 5_000, 200
# Longer than the arrival and the measurement, whose end stops the visitors.
SIMULATED_S = 1_800
# A few visitors are always reconnecting.
ARRIVED = 0.99
THREAD = "Main thread, ms a second: all (script, layout, style)"
FIGURES = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
# Records the intervals between the frames of the page.
RECORD = """() => {
  const frames = window.__frames = [];
  let before = performance.now();
  const next = (now) => {
    if (window.__frames !== frames) return;
    frames.push(now - before);
    before = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""
# The same gesture over plain rows of the same height shows the limit of the machine.
PLAIN = "<title>plain</title>" + "<p style='height:56px;margin:0'>A plain row</p>" * 5_000


async def measure(home: Path, seconds: int, at_least: int = 1) -> JsonObject:
    """Figures of a still list, of a scrolled list, and of the same gesture over plain rows; a third of the time each.

    Begins once so many visitors are online.
    """
    stack = json.loads((home / "run/stack.json").read_text())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        await _sign_in(page, stack["dashboard"])
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        arrived = "(least) => Number(document.querySelector('[data-testid=online-number]').textContent.replace(/\\D/g, '')) >= least"
        await page.wait_for_function(arrived, arg=at_least, timeout=SIMULATED_S * 1000)
        online = await page.get_by_test_id("online-number").inner_text()
        found = {
            "online": int(online.replace(",", "")),
            "looking": await _part(page, devtools, stack, asyncio.sleep(seconds / 3)),
            "scrolling": await _part(page, devtools, stack, _scroll(devtools, seconds / 3)),
        }
        await page.set_content(PLAIN)
        found["plain rows, scrolling"] = await _part(page, devtools, stack, _scroll(devtools, seconds / 3))
        await browser.close()
    return found


async def _sign_in(page: Page, dashboard: str) -> None:
    await page.goto(dashboard)
    await page.get_by_label("E-mail").fill("agent@palique.test")
    await page.get_by_label("Password").fill("palique-demo")
    await page.get_by_role("button", name="Sign in").click()
    await page.locator("tr[data-visitor]").first.wait_for()


async def _part(page: Page, devtools: CDPSession, stack: JsonObject, act: Any) -> JsonObject:
    loop = asyncio.get_running_loop()
    await page.evaluate(RECORD)
    began, used, thread = loop.time(), _cpu(stack), await _thread(devtools)
    await act
    took = loop.time() - began
    frames: list[float] = await page.evaluate("window.__frames")
    spent = {name: after - thread[name] for name, after in (await _thread(devtools)).items()}
    cpu = {name: after - used[name] for name, after in _cpu(stack).items()}
    return {
        "frames_per_s": round(len(frames) / took, 1),
        "frame_ms_median": round(statistics.median(frames), 1),
        "frame_ms_p99": round(sorted(frames)[int(len(frames) * 0.99)], 1),
        f"frames_over_{SLOW_MS}_ms": sum(ms > SLOW_MS for ms in frames),
        f"frames_over_{STUCK_MS}_ms": sum(ms > STUCK_MS for ms in frames),
        "main_thread_ms_per_s": {name: round(1000 * value / took, 1) for name, value in spent.items()},
        "cpu_ms_per_s": {name: round(1000 * value / took, 1) for name, value in cpu.items()},
        "rows_drawn": await page.locator("tr[data-visitor]").count(),
    }


async def _scroll(devtools: CDPSession, seconds: float) -> None:
    """Scrolls with real gestures through the compositor, as a wheel or a finger does."""
    loop = asyncio.get_running_loop()
    end, direction = loop.time() + seconds, -1
    while loop.time() < end:
        gesture = {"x": 700, "y": 500, "yDistance": direction * GESTURE, "speed": SPEED, "gestureSourceType": "mouse"}
        await devtools.send("Input.synthesizeScrollGesture", gesture)
        direction = -direction


async def _thread(devtools: CDPSession) -> dict[str, float]:
    answer = await devtools.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in answer["metrics"] if one["name"] in FIGURES}


def _cpu(stack: JsonObject) -> dict[str, float]:
    """CPU seconds used by each service."""
    tick = os.sysconf("SC_CLK_TCK")
    used: dict[str, float] = {}
    for name in SERVICES:
        stats = [
            Path(f"/proc/{one['pid']}/stat").read_text().rsplit(")", 1)[1].split() for one in stack["services"][name]
        ]
        used[name] = sum(int(stat[11]) + int(stat[12]) for stat in stats) / tick
    return used


@contextmanager
def simulated(public: str) -> Iterator[None]:
    """Runs simulated visitors that connect and change pages."""
    order = ["--visitors", str(VISITORS), "--changes", str(CHANGES), "--seconds", str(SIMULATED_S), "--url", public]
    command = [sys.executable, str(Path(__file__).with_name("simulate.py")), *order]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def described(found: JsonObject) -> str:
    """The table of the figure."""
    rows = [
        f"{taken()} {found['online']:,} visitors online, {CHANGES} changes a second ordered.",
        "",
        f"| Part | Frames a second | Median, ms | 99 %, ms | Over {SLOW_MS:.0f} ms | Over {STUCK_MS:.0f} ms | {THREAD} |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for part in ("looking", "scrolling", "plain rows, scrolling"):
        one = found[part]
        spent = one["main_thread_ms_per_s"]
        script, layout, style = (spent[f"{name}Duration"] for name in ("Script", "Layout", "RecalcStyle"))
        rows.append(
            f"| {part} | {one['frames_per_s']} | {one['frame_ms_median']} | {one['frame_ms_p99']} "
            f"| {one[f'frames_over_{SLOW_MS}_ms']} | {one[f'frames_over_{STUCK_MS}_ms']} "
            f"| {spent['TaskDuration']:.0f} ({script:.0f}, {layout:.0f}, {style:.0f}) |"
        )
    cpu = found["looking"]["cpu_ms_per_s"]
    rows += [
        "",
        f"While looking, the gateway used {cpu['gateway']:.0f} ms of CPU a second and presence {cpu['presence']:.0f}.",
    ]
    return "\n".join(rows)


def figure(seconds: int) -> None:
    """Measures on its own stack and writes the figure into the docs."""
    with tempfile.TemporaryDirectory() as home:
        stack = Stack(Path(home), {})
        stack.start()
        try:
            with simulated(str(stack.described["public"])):
                text = described(asyncio.run(measure(Path(home), seconds, at_least=int(VISITORS * ARRIVED))))
        finally:
            stack.stop()
    write("visitor-list", text)
    print(text)


def main() -> None:
    """Writes the figure, or prints figures of a running stack as JSON."""
    parser = argparse.ArgumentParser(prog="visitor_list")
    parser.add_argument("--home", type=Path, help="of a running stack")
    parser.add_argument("--seconds", type=int, default=24)
    chosen = parser.parse_args()
    if chosen.home is None:
        figure(chosen.seconds)
        return
    json.dump(asyncio.run(measure(chosen.home, chosen.seconds)), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
