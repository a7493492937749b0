"""Time to open a chat log of 2,002 entries, and its size: from the click on a search result to the found message in sight.

`make long-log` starts its own stack and writes the figure into docs/performance.md; `--home` measures a running stack and prints
the figure. The time is that of the page's clock, from the click until the second frame with the message.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page

from bench.figures import taken, write
from tests.browser.chromium import chromium, person
from tests.support.long_chat import long_chat
from tests.support.running import Running
from tests.support.stack import Stack

# With `opened`, `assigned` and `closed`: 2,002 entries.
MESSAGES = 1_999
RUNS = 9
TARGET_MS = 300
# A word in one message in the middle, and one in the oldest and one in the newest message.
WORDS = {"oldest": 0, "middle": MESSAGES // 2, "newest": MESSAGES - 1}
# An agent's chat is indexed within seconds after its end.
INDEXED_MS = 30_000
# Clicks the link and resolves to the milliseconds until an element with the text is inside the visible part of the log.
OPEN = """([text]) => new Promise((resolve) => {
  const link = document.querySelector('tbody a');
  const began = performance.now();
  const look = () => {
    const log = document.querySelector('[role=log]');
    const found = log && [...log.querySelectorAll('article')].find((one) => one.textContent.includes(text));
    const [box, frame] = [found?.getBoundingClientRect(), log?.getBoundingClientRect()];
    if (box && box.top < frame.bottom && box.bottom > frame.top)
      requestAnimationFrame(() => resolve(performance.now() - began));
    else requestAnimationFrame(look);
  };
  link.click();
  requestAnimationFrame(look);
})"""
COUNT = "() => [document.querySelectorAll('*').length, document.querySelectorAll('[role=log] *').length]"


def texts(tag: str) -> list[str]:
    """The messages; `WORDS` of them have a word of their own."""
    own = {number: f" {name}{tag}" for name, number in WORDS.items()}
    line = "Is the blue teapot on the front page still in stock, and how long would it take?"
    return [f"{line} No. {number}{own.get(number, '')}" for number in range(MESSAGES)]


async def opened(page: Page, public: str, word: str) -> tuple[float, list[int]]:
    """Milliseconds from the click on the result to the message in sight, and the numbers of elements in page and log."""
    await page.goto(f"{public}/dashboard/logs")
    await page.get_by_role("searchbox", name="Search messages").fill(word)
    await page.get_by_role("row").filter(has_text=word).wait_for()
    took = await page.evaluate(OPEN, [word])
    return took, await page.evaluate(COUNT)


async def measure(home: Path) -> str:
    """The table of the figure."""
    public = str(Running(home).described()["public"])
    rows = [
        "| The search finds the | Time to the message in sight, ms | Elements in the page | in the log |",
        "| --- | --- | --- | --- |",
    ]
    async with chromium() as browser, person(browser) as agent:
        await long_chat(home, texts(agent.tag))
        await agent.sign_in(public, "agent@palique.test")
        page = agent.page
        for name in WORDS:
            word = f"{name}{agent.tag}"
            await _indexed(page, public, word)
            runs = [await opened(page, public, word) for _ in range(RUNS + 1)]
            # The first visit fills the browser's caches.
            took, counts = [ms for ms, _ in runs[1:]], runs[-1][1]
            rows.append(f"| {name} message | {described(took)} | {counts[0]:,} | {counts[1]:,} |")
        version = browser.version
    head = f"{taken()} Chromium {version}; median of {RUNS} visits each, with quartiles; target {TARGET_MS} ms."
    return "\n".join([head, "", *rows])


async def _indexed(page: Page, public: str, word: str) -> None:
    async with asyncio.timeout(INDEXED_MS / 1000):
        while True:
            answer = await page.request.get(f"{public}/api/v1/chats", params={"text": word})
            if (await answer.json())["items"]:
                return


def described(values: Sequence[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.0f} ({low:.0f} to {high:.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="of a running stack")
    home = parser.parse_args().home
    if home:
        print(asyncio.run(measure(home)))
        return
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), {})
        stack.start()
        try:
            figure = asyncio.run(measure(Path(folder)))
        finally:
            stack.stop()
    write("long-log", figure)
    print(figure)


if __name__ == "__main__":
    main()
