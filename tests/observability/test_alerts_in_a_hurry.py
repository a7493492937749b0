"""Every alert starts firing by its fault in a running stack and stops after the fault (issue 6).

The rules are in a hurry, see `hurried.py`; nothing else about them is changed.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.observability.faulty_stack import FaultyStack, faulty_stack
from tests.observability.hurried import SCRAPE_S, hurried
from tests.observability.prometheus import RULES, Prometheus, scraping
from tests.support.eventually import eventually

# The slowest alert: facts count as stuck when the oldest is a minute old, which is not shortened.
FIRES_S = 150
# The slow burn rates have windows of a minute.
ENDS_S = 120


class Fault(NamedTuple):
    """A fault and its alerts; other alerts may fire too."""

    begin: Callable[[FaultyStack], AbstractAsyncContextManager[None]]
    alerts: frozenset[str]


FAULTS = (
    Fault(
        FaultyStack.paused_broker_and_waiting_visitors,
        frozenset({"PaliqueBrokerAway", "PaliqueFactsStuck", "PaliqueVisitorsWait"}),
    ),
    Fault(
        FaultyStack.database_stutters,
        frozenset(
            {
                "PaliqueAcknowledgementsSlowFast",
                "PaliqueAcknowledgementsSlow",
                "PaliqueDeliveriesLateFast",
                "PaliqueDeliveriesLate",
            }
        ),
    ),
    Fault(
        FaultyStack.tickets_loses_its_database,
        frozenset({"PaliqueDatabaseAway", "PaliqueFactsFailing", "PaliqueCallsFailing", "PaliqueHttpErrors"}),
    ),
    Fault(FaultyStack.database_answers_now_and_then, frozenset({"PaliqueDatabaseFailing"})),
    Fault(
        FaultyStack.paused_chat,
        frozenset({"PaliqueMessagesRefused", "PaliqueServiceDown", "PaliqueProcessDown"}),
    ),
    Fault(FaultyStack.gateway_gets_a_fifth_of_its_time, frozenset({"PaliqueLoopLate", "PaliqueShedding"})),
    Fault(FaultyStack.many_stop_reading, frozenset({"PaliqueSlowReaders"})),
    Fault(FaultyStack.messages_fit_no_contract, frozenset({"PaliqueMessagesInvalid"})),
    Fault(FaultyStack.documents_of_conversations_cannot_be_written, frozenset({"PaliqueListsBehind"})),
    Fault(FaultyStack.mails_are_not_sent, frozenset({"PaliqueMailsWait", "PaliqueMailsGivenUp"})),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def faulty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FaultyStack]:
    async with faulty_stack(tmp_path_factory.mktemp("faulty")) as stack:
        yield stack


@pytest.fixture(scope="module")
def in_a_hurry(faulty: FaultyStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("in-a-hurry")
    rules = folder / "rules.yaml"
    rules.write_text(hurried(RULES.read_text()))
    with scraping(faulty.running, folder, rules, SCRAPE_S) as found:
        yield found


async def of(alerts: frozenset[str], prometheus: Prometheus) -> frozenset[str]:
    """The alerts of the set that fire now."""
    return alerts & await asyncio.to_thread(prometheus.firing)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.begin.__name__)
async def test_alerts_fire_by_their_fault_and_end_with_it(
    faulty: FaultyStack, in_a_hurry: Prometheus, fault: Fault
) -> None:
    firing = partial(of, fault.alerts, in_a_hurry)

    async def all_fire() -> bool:
        seen.update(await firing())
        assert seen == fault.alerts, f"not fired: {sorted(fault.alerts - seen)}"
        return True

    async def none_fires() -> bool:
        still = await firing()
        assert not still, f"still firing: {sorted(still)}"
        return True

    # Alerts of an earlier fault must end first.
    await eventually(none_fires, ENDS_S)
    seen: set[str] = set()
    async with fault.begin(faulty):
        await eventually(all_fire, FIRES_S)
    await eventually(none_fires, ENDS_S)


def test_no_alert_is_left_out() -> None:
    known = re.findall(r"alert: (\w+)", RULES.read_text())
    assert sorted(known) == sorted(alert for fault in FAULTS for alert in fault.alerts)
