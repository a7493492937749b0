"""Two faults in a running stack, and the alerts that they are for: fired, and over when the fault is."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.eventually import eventually
from tests.observability.prometheus import Prometheus
from tests.system.running import Running

# The broker's heartbeat finds it in 20 s, the alert waits for a minute more, and the way back takes seconds.
FIRES_S = 150
ENDS_S = 60


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """They are there and answer nothing, as behind a black hole."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def firing(prometheus: Prometheus, alert: str) -> bool:
    return bool(prometheus.values(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'))


def over(prometheus: Prometheus, alert: str) -> bool:
    return not firing(prometheus, alert)


async def test_a_broker_and_a_service_that_answer_nothing_are_paged_and_the_page_ends(
    running: Running, prometheus: Prometheus
) -> None:
    """Issue 6: seen to fire by its fault, and to end."""
    broker = int(running.described()["rabbitmq"]["pid"])
    with frozen(broker, running.pid("tickets")):
        for alert in ("PaliqueBrokerAway", "PaliqueServiceDown"):
            await eventually(partial(firing, prometheus, alert), FIRES_S)
        assert not firing(prometheus, "PaliqueMessagesRefused")
    for alert in ("PaliqueBrokerAway", "PaliqueServiceDown"):
        await eventually(partial(over, prometheus, alert), ENDS_S)
