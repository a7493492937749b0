"""Failpoints: what is asked for happens, nothing else does, and production asks for none."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import structlog
from prometheus_client import CollectorRegistry

from kit.codes import Code, Refused
from kit.config.loader import BadSetting
from kit.failpoints import STEPS, Action, Failpoints, Rule, armed, parse
from tests.support.eventually import eventually

PAGE = Path(__file__).resolve().parents[3] / "docs/development.md"


class Work:
    """Writes down what is done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def call(self, what: str) -> str:
        self.done.append(what)
        return what.upper()

    async def notify(self, what: str) -> None:
        self.done.append(what)

    def take(self, what: str) -> None:
        self.done.append(what)


def failpoints(*rules: Rule, dice: Sequence[float] = ()) -> tuple[Failpoints, CollectorRegistry]:
    registry = CollectorRegistry()
    thrown = iter(dice)
    return Failpoints(rules, registry=registry, chance=lambda: next(thrown, 0.0)), registry


def happened(registry: CollectorRegistry, step: str, action: Action) -> float:
    return registry.get_sample_value("palique_failpoints_total", {"step": step, "action": str(action)}) or 0.0


def test_without_rules_a_step_is_the_call_itself() -> None:
    """So it costs nothing where it is off."""
    work = Work()
    off, registry = failpoints()
    call, take = work.call, work.take
    assert off.around(call, before="send.before_call", after="send.after_call") is call
    assert off.around_now("hint.received", take) is take
    assert not list(registry.collect())


def test_a_rule_of_one_step_leaves_the_others_alone() -> None:
    on, _ = failpoints(Rule("hint.publish", Action.DROP))
    call = Work().call
    assert on.around(call, before="send.before_call", after="send.after_call") is call


async def test_error_before_a_call_keeps_it_from_being_made_and_after_it_from_being_known() -> None:
    for step, done in (("append.before_insert", []), ("append.after_insert", ["a"])):
        work = Work()
        on, registry = failpoints(Rule(step, Action.ERROR))
        call = on.around(work.call, before="append.before_insert", after="append.after_insert", failure=TimeoutError)
        with pytest.raises(TimeoutError):
            await call("a")
        assert work.done == done
        assert happened(registry, step, Action.ERROR) == 1


async def test_error_is_an_unknown_outcome_unless_the_step_says_otherwise() -> None:
    on, _ = failpoints(Rule("send.after_call", Action.ERROR))
    with pytest.raises(Refused) as refused:
        await on.around(Work().call, after="send.after_call")("a")
    assert refused.value.code is Code.RETRY


async def test_duplicate_calls_twice_and_drop_never() -> None:
    work = Work()
    on, _ = failpoints(Rule("send.before_call", Action.DUPLICATE), Rule("hint.publish", Action.DROP))
    assert await on.around(work.call, before="send.before_call")("a") == "A"
    assert work.done == ["a", "a"]
    await on.around(work.notify, before="hint.publish")("b")
    assert "b" not in work.done


async def test_delay_takes_its_time() -> None:
    work = Work()
    on, _ = failpoints(Rule("send.before_call", Action.DELAY, delay_ms=60))
    started = time.monotonic()
    await on.around(work.call, before="send.before_call")("a")
    assert time.monotonic() - started >= 0.06


async def test_what_must_not_wait_is_overtaken_when_it_is_delayed() -> None:
    work = Work()
    on, _ = failpoints(Rule("hint.received", Action.DELAY, most=1, delay_ms=20))
    take = on.around_now("hint.received", work.take)
    take("first")
    take("second")
    await eventually(lambda: len(work.done) == 2)
    assert work.done == ["second", "first"]


async def test_what_must_not_wait_is_doubled_dropped_and_fails() -> None:
    work = Work()
    steps = (Action.DUPLICATE, Action.DROP, Action.ERROR)
    on, _ = failpoints(*(Rule("hint.received", action, most=1) for action in steps))
    take = on.around_now("hint.received", work.take)
    take("twice")
    take("never")
    with pytest.raises(Refused):
        take("fails")
    take("once")
    assert work.done == ["twice", "twice", "once"]


async def test_probability_and_count_bound_what_happens() -> None:
    work = Work()
    on, registry = failpoints(Rule("hint.publish", Action.DROP, 0.5, most=2), dice=[0.5, 0.49, 0.9, 0.0, 0.0])
    notify = on.around(work.notify, before="hint.publish")
    for what in "abcde":
        await notify(what)
    assert work.done == ["a", "c", "e"]
    assert happened(registry, "hint.publish", Action.DROP) == 2


def test_a_setting_is_read() -> None:
    text = "append.after_insert=kill:0.01; hint.publish=drop:.2x5;hint.publish=delay(250);"
    assert parse(text, "chat") == [
        Rule("append.after_insert", Action.KILL, 0.01),
        Rule("hint.publish", Action.DROP, 0.2, 5),
        Rule("hint.publish", Action.DELAY, delay_ms=250),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("append.after_insert", "is not written"),
        ("append.after_insert=kill:", "is not written"),
        ("append.after_insert=kill:-1", "is not written"),
        ("append.after_insert=kill 0.1", "is not written"),
        ("append.after_insert=KILL", "is not written"),
        ("append.afterinsert=kill", "names no step of chat"),
        ("send.before_call=kill", "names no step of chat"),
        ("append.after_insert=explode", "is none of what can happen there: delay, error, kill"),
        ("append.before_insert=drop", "is none of what can happen there"),
        ("append.after_insert=delay", "needs milliseconds"),
        ("append.after_insert=kill(5)", "needs milliseconds"),
        ("append.after_insert=delay(60001)", "delays for longer"),
        ("append.after_insert=kill:0", "never happens"),
        ("append.after_insert=kill:1.5", "never happens"),
        ("append.after_insert=killx0", "never happens"),
    ],
)
def test_a_bad_setting_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(BadSetting, match=r"^PALIQUE_FAILPOINTS: ") as bad:
        parse(f"hint.publish=drop;{text}", "chat")
    assert says in str(bad.value)


def test_production_refuses_them() -> None:
    log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("test")
    with pytest.raises(BadSetting, match="PALIQUE_FAILPOINTS is set"):
        armed("hint.publish=drop", service="chat", mode="production", registry=CollectorRegistry(), log=log)
    armed("", service="chat", mode="production", registry=CollectorRegistry(), log=log)
    armed("hint.publish=drop", service="chat", mode="development", registry=CollectorRegistry(), log=log)


def test_the_page_lists_every_step() -> None:
    rows = [
        f"| `{name}` | {', '.join(step.services)} | {step.moment} | {', '.join(sorted(step.actions))} |"
        for name, step in STEPS.items()
    ]
    found = [line for line in PAGE.read_text().splitlines() if re.match(r"\| `[a-z]+\.[a-z_]+` \|", line)]
    assert found == rows, "docs/development.md should hold:\n" + "\n".join(rows)
