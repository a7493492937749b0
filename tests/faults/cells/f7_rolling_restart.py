"""F7: all processes are restarted one after the other, as in an upgrade."""

import asyncio

from tests.faults.bench import Bench, Row
from tests.faults.checking import Finding
from tests.faults.ledger import Refused

# The refusal of a closed conversation, which the load itself causes.
EXPECTED = "closed"
# Gateways restart one after the other, so a client reconnects at most once per gateway.
MOST_RECONNECTS = 2


async def run(bench: Bench) -> Row:
    """No send fails; each client reconnects at most twice."""
    async with bench.load() as load:
        await asyncio.sleep(2)
        names = sorted(bench.ops) + sorted(name for name in bench.processes.running() if name not in bench.ops)
        for name in names:
            if name != "epmd":
                await bench.restart(name)
        moved = [page.connects - 1 for page in load.pages if page.reader.steady]
        verdict = await load.judge()
        failed = [event for _, event in load.ledger.events if isinstance(event, Refused) and event.code != EXPECTED]
        others = [Finding("no_send_fails", str(event)) for event in failed]
        if max(moved) > MOST_RECONNECTS:
            others.append(Finding("clients_move_twice_at_most", f"one moved {max(moved)} times"))
        return Row(
            cell="F7",
            fault="rolling restart of everything, database and broker included",
            must_hold="no failed send, each client reconnects twice at most",
            verdict=verdict,
            counts={"restarts": len(names) - 1, "failed sends": len(failed), "most reconnects of a client": max(moved)},
            others=others,
        )
