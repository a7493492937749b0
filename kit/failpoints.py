"""Failpoints: named steps at which tests make a process fail.

`PALIQUE_FAILPOINTS='append.after_insert=kill:0.01;hint.publish=drop:0.2'` sets the failures of steps and their probabilities. Without
it `around` returns the function itself, so that a step costs nothing. A start in production mode refuses the setting.
"""

import asyncio
import os
import random
import re
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import NamedTuple, ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter

from kit.codes import Code, Refused
from kit.config.loader import BadSetting
from kit.runtime.logs import Log

SETTING = "PALIQUE_FAILPOINTS"

ParamsT = ParamSpec("ParamsT")
ResultT = TypeVar("ResultT")


class Action(StrEnum):
    """The failure at a step."""

    KILL = "kill"  # the process ends by SIGKILL
    DELAY = "delay"  # it takes that many milliseconds longer
    ERROR = "error"  # it fails as if the other side were unreachable
    DUPLICATE = "duplicate"  # the call is made twice
    DROP = "drop"  # the call is not made, and seems to succeed


# Longer delays are black holes, for which tests cut connections.
MAX_DELAY_MS = 60_000

_MOMENT = frozenset({Action.KILL, Action.DELAY, Action.ERROR})
_CALL = _MOMENT | {Action.DUPLICATE}
# Without an answer, hence its loss goes unnoticed.
_ONE_WAY = _CALL | {Action.DROP}


class Step(NamedTuple):
    """The services that have it, its possible failures, and the state of the work when it is reached."""

    services: tuple[str, ...]
    actions: frozenset[Action]
    moment: str


STEPS: Mapping[str, Step] = {
    "send.before_call": Step(("gateway",), _CALL, "messages are about to be sent to chat"),
    "send.after_call": Step(("gateway",), _MOMENT, "chat has answered, no client has its acknowledgement yet"),
    "open.after_reserve": Step(("chat",), _MOMENT, "a new conversation has its document and an empty log"),
    "append.before_insert": Step(("chat",), _CALL, "entries are decided, not inserted"),
    "append.after_insert": Step(("chat",), _MOMENT, "a majority has the entries, no answer or hint was sent"),
    "append.before_answer": Step(("chat",), _MOMENT, "all results exist, the gateway has none"),
    "hint.before_publish": Step(("chat",), _MOMENT, "hints wait for their batch"),
    "hint.publish": Step(("chat",), _ONE_WAY, "a numbered batch of hints is published"),
    "hint.received": Step(("gateway",), _ONE_WAY, "a batch of hints arrived; later batches overtake a delayed one"),
    "fact.before_publish": Step(
        ("chat", "tickets"), _CALL, "the outbox flag of a fact is set, the broker does not have it"
    ),
    "fact.after_confirm": Step(("chat", "tickets"), _MOMENT, "the broker has the fact, its flag is still set"),
    "fact.before_effect": Step(("presence", "tickets"), _CALL, "a fact arrived and had no effect yet"),
    "fact.after_effect": Step(("presence", "tickets"), _MOMENT, "a fact had its effect and is not acknowledged"),
    "mail.before_send": Step(
        ("tickets",), _CALL, "a mail is in the hand of this process, the mail server does not have it"
    ),
    "mail.after_send": Step(("tickets",), _MOMENT, "the mail server has answered, the database does not know it yet"),
    "resume.before_answer": Step(
        ("gateway",), _MOMENT, "the missing entries of a socket are known, its `welcome` is not sent"
    ),
    "report.before_call": Step(("gateway",), _CALL, "a report is about to be sent to presence"),
    "report.after_call": Step(("gateway",), _MOMENT, "presence has the report, the gateway has no answer"),
    "delta.publish": Step(("presence",), _ONE_WAY, "a numbered delta of online visitors is published"),
}


class Rule(NamedTuple):
    """A failure with this probability each time the step is reached, at most `most` times per process; None: no bound."""

    step: str
    action: Action
    probability: float = 1.0
    most: int | None = None
    delay_ms: int = 0


_RULE = re.compile(
    r"(?P<step>[a-z_.]+)=(?P<action>[a-z]+)(?:\((?P<ms>[0-9]{1,6})\))?(?::(?P<chance>[0-9]*\.?[0-9]+))?(?:x(?P<count>[0-9]{1,9}))?",
    re.ASCII,
)


def parse(text: str, service: str) -> list[Rule]:
    """Rules separated by `;`. BadSetting for the first malformed one, and for a step of another service."""
    return [_rule(item.strip(), service) for item in text.split(";") if item.strip()]


def _rule(text: str, service: str) -> Rule:
    found = _RULE.fullmatch(text)
    if found is None:
        raise _bad(text, "is not written STEP=ACTION, STEP=delay(MILLISECONDS), with :PROBABILITY and xCOUNT after it")
    step = STEPS.get(found["step"])
    if step is None or service not in step.services:
        ours = ", ".join(name for name, each in STEPS.items() if service in each.services)
        raise _bad(text, f"names no step of {service}; there are {ours}")
    if found["action"] not in {str(action) for action in step.actions}:
        raise _bad(text, f"is none of what can happen there: {', '.join(sorted(step.actions))}")
    action = Action(found["action"])
    if (action is Action.DELAY) != (found["ms"] is not None):
        raise _bad(text, "needs milliseconds in brackets for a delay, and for nothing else")
    delay_ms = int(found["ms"] or 0)
    if delay_ms > MAX_DELAY_MS:
        raise _bad(text, f"delays for longer than {MAX_DELAY_MS} ms")
    probability = float(found["chance"] or 1)
    most = None if found["count"] is None else int(found["count"])
    if not 0 < probability <= 1 or most == 0:
        raise _bad(text, "never happens: the probability is above 0 and at most 1, the count at least 1")
    return Rule(found["step"], action, probability, most, delay_ms)


def _bad(text: str, what: str) -> BadSetting:
    return BadSetting(f"{SETTING}: {text!r} {what}")


class _Dice:
    """One rule, and how often it may still apply."""

    def __init__(self, rule: Rule, chance: Callable[[], float]) -> None:
        self.rule = rule
        self._chance = chance
        self._left = rule.most

    def applies(self) -> bool:
        if self._left == 0 or self._chance() >= self.rule.probability:
            return False
        if self._left is not None:
            self._left -= 1
        return True


class Failpoints:
    """The steps of one process. Of several rules for a step the first that applies is used."""

    def __init__(
        self, rules: Sequence[Rule], *, registry: CollectorRegistry, chance: Callable[[], float] = random.random
    ) -> None:
        self._dice: dict[str, list[_Dice]] = {}
        for rule in rules:
            self._dice.setdefault(rule.step, []).append(_Dice(rule, chance))
        if rules:
            self._happened = Counter(
                "palique_failpoints", "Failures by failpoints.", ["step", "action"], registry=registry
            )

    def around(
        self,
        call: Callable[ParamsT, Awaitable[ResultT]],
        *,
        before: str = "",
        after: str = "",
        failure: Callable[[], Exception] | None = None,
    ) -> Callable[ParamsT, Awaitable[ResultT]]:
        """The call with these steps before and after it; the call itself where no rule names them.

        `failure` makes the exception of `error`, by default Refused(retry). A dropped call returns None: only calls without a result have DROP.
        """
        if before not in self._dice and after not in self._dice:
            return call

        async def called(*args: ParamsT.args, **kwargs: ParamsT.kwargs) -> ResultT:
            happens = await self._reach(before, failure or _unknown)
            if happens is Action.DROP:
                return None  # type: ignore[return-value] # only calls without a result are dropped
            if happens is Action.DUPLICATE:
                await call(*args, **kwargs)
            result = await call(*args, **kwargs)
            await self._reach(after, failure or _unknown)
            return result

        return called

    def around_now(self, step: str, take: Callable[ParamsT, None]) -> Callable[ParamsT, None]:
        """As `around` for functions that must not wait: a delayed call is made later, after calls that follow it."""
        if step not in self._dice:
            return take

        def taken(*args: ParamsT.args, **kwargs: ParamsT.kwargs) -> None:
            rule = self._roll(step)
            if rule is None:
                take(*args, **kwargs)
            elif rule.action is Action.DELAY:
                later = partial(take, *args, **kwargs)
                asyncio.get_running_loop().call_later(rule.delay_ms / 1000, later)
            elif rule.action is Action.ERROR:
                raise _unknown()
            elif rule.action is Action.DUPLICATE:
                take(*args, **kwargs)
                take(*args, **kwargs)

        return taken

    async def _reach(self, step: str, failure: Callable[[], Exception]) -> Action | None:
        rule = self._roll(step)
        if rule is None:
            return None
        if rule.action is Action.DELAY:
            await asyncio.sleep(rule.delay_ms / 1000)
        elif rule.action is Action.ERROR:
            raise failure()
        return rule.action

    def _roll(self, step: str) -> Rule | None:
        for dice in self._dice.get(step, ()):
            if dice.applies():
                self._happened.labels(step, dice.rule.action).inc()
                if dice.rule.action is Action.KILL:
                    os.kill(os.getpid(), signal.SIGKILL)
                return dice.rule
        return None


def _unknown() -> Refused:
    return Refused(Code.RETRY, "A failpoint failed this call; the outcome is unknown.", retry_ms=1000)


def armed(text: str, *, service: str, mode: str, registry: CollectorRegistry, log: Log) -> Failpoints:
    """The failpoints of the setting, none when it is empty. BadSetting when it is malformed, or set in production."""
    if text and mode == "production":
        raise BadSetting(
            f"{SETTING} is set; it makes a process fail, so a start with PALIQUE_MODE=production refuses it"
        )
    rules = parse(text, service)
    for rule in rules:
        log.warning("failpoint armed", **{**rule._asdict(), "action": str(rule.action)})
    return Failpoints(rules, registry=registry)
