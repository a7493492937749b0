"""Named steps at which a test may make a process fail: what nobody would wait for happens when it is asked to.

`PALIQUE_FAILPOINTS='append.after_insert=kill:0.01;hint.publish=drop:0.2'` says which steps fail how, with what probability. Always true: without
that setting every step is the very function that it would be without this file, so it costs nothing; a production start refuses it.
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
    """What happens at a step."""

    KILL = "kill"  # the process ends by SIGKILL
    DELAY = "delay"  # it takes so many milliseconds longer
    ERROR = "error"  # it fails as it does when what it talks to is away
    DUPLICATE = "duplicate"  # what is done at it is done twice
    DROP = "drop"  # what is done at it is not done, and nobody is told


# Longer ones are black holes, for which tests cut links.
LONGEST_DELAY_MS = 60_000

_MOMENT = frozenset({Action.KILL, Action.DELAY, Action.ERROR})
_CALL = _MOMENT | {Action.DUPLICATE}
# Nobody waits for an answer, so it may get lost unnoticed.
_ONE_WAY = _CALL | {Action.DROP}


class Step(NamedTuple):
    """Where it is, what may happen at it, and what has and has not been done when it is reached."""

    services: tuple[str, ...]
    actions: frozenset[Action]
    moment: str


STEPS: Mapping[str, Step] = {
    "send.before_call": Step(("gateway",), _CALL, "messages are on their way to chat"),
    "send.after_call": Step(("gateway",), _MOMENT, "chat has answered, no client has its acknowledgement"),
    "open.after_reserve": Step(("chat",), _MOMENT, "a new conversation has its document and an empty log"),
    "append.before_insert": Step(("chat",), _CALL, "entries are decided and not inserted"),
    "append.after_insert": Step(("chat",), _MOMENT, "a majority has the entries and nobody was told"),
    "append.before_answer": Step(("chat",), _MOMENT, "all results are there, the gateway has none"),
    "hint.before_publish": Step(("chat",), _MOMENT, "hints wait for their batch"),
    "hint.publish": Step(("chat",), _ONE_WAY, "a numbered batch of hints goes to the broker"),
    "hint.received": Step(("gateway",), _ONE_WAY, "a batch of hints came in; delayed ones are overtaken by later ones"),
    "fact.before_publish": Step(("chat", "tickets"), _CALL, "a fact's flag is up, the broker does not have it"),
    "fact.after_confirm": Step(("chat", "tickets"), _MOMENT, "the broker has the fact, its flag is still up"),
    "fact.before_effect": Step(("presence", "tickets"), _CALL, "a fact came in and had no effect"),
    "fact.after_effect": Step(("presence", "tickets"), _MOMENT, "a fact had its effect and is not acknowledged"),
    "resume.before_answer": Step(("gateway",), _MOMENT, "what a socket missed is known, its `welcome` not sent"),
    "report.before_call": Step(("gateway",), _CALL, "what happened on sockets is on its way to presence"),
    "report.after_call": Step(("gateway",), _MOMENT, "presence has the report, the gateway does not know it"),
    "delta.publish": Step(("presence",), _ONE_WAY, "a numbered delta of who is online goes to the broker"),
}


class Rule(NamedTuple):
    """`probability` of each time that the step is reached; at most `most` times in the life of the process, None: no bound."""

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
    """Rules with `;` between them; BadSetting with a sentence for the first that is none, or is none of this service."""
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
    if delay_ms > LONGEST_DELAY_MS:
        raise _bad(text, f"delays for longer than {LONGEST_DELAY_MS} ms")
    probability = float(found["chance"] or 1)
    most = None if found["count"] is None else int(found["count"])
    if not 0 < probability <= 1 or most == 0:
        raise _bad(text, "never happens: the probability is above 0 and at most 1, the count at least 1")
    return Rule(found["step"], action, probability, most, delay_ms)


def _bad(text: str, what: str) -> BadSetting:
    return BadSetting(f"{SETTING}: {text!r} {what}")


class _Dice:
    """One rule, and how often it may still come true."""

    def __init__(self, rule: Rule, chance: Callable[[], float]) -> None:
        self.rule = rule
        self._chance = chance
        self._left = rule.most

    def come_true(self) -> bool:
        if self._left == 0 or self._chance() >= self.rule.probability:
            return False
        if self._left is not None:
            self._left -= 1
        return True


class Failpoints:
    """The steps of one process. Of several rules for a step the first that comes true happens."""

    def __init__(
        self, rules: Sequence[Rule], *, registry: CollectorRegistry, chance: Callable[[], float] = random.random
    ) -> None:
        self._dice: dict[str, list[_Dice]] = {}
        for rule in rules:
            self._dice.setdefault(rule.step, []).append(_Dice(rule, chance))
        if rules:
            self._happened = Counter(
                "palique_failpoints", "Failures that were asked for.", ["step", "action"], registry=registry
            )

    def around(
        self,
        call: Callable[ParamsT, Awaitable[ResultT]],
        *,
        before: str = "",
        after: str = "",
        failure: Callable[[], Exception] | None = None,
    ) -> Callable[ParamsT, Awaitable[ResultT]]:
        """The call with these steps before and after it; itself where no rule names them.

        `failure` makes what `error` raises: Refused(retry) unless given. A call that is dropped gives None: only those that give nothing anyway have such a step.
        """
        if before not in self._dice and after not in self._dice:
            return call

        async def called(*args: ParamsT.args, **kwargs: ParamsT.kwargs) -> ResultT:
            happens = await self._reach(before, failure or _unknown)
            if happens is Action.DROP:
                return None  # type: ignore[return-value] # such a call has no result
            if happens is Action.DUPLICATE:
                await call(*args, **kwargs)
            result = await call(*args, **kwargs)
            await self._reach(after, failure or _unknown)
            return result

        return called

    def around_now(self, step: str, take: Callable[ParamsT, None]) -> Callable[ParamsT, None]:
        """As `around` for what must not wait: a delayed one happens later, when others have overtaken it."""
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
            if dice.come_true():
                self._happened.labels(step, dice.rule.action).inc()
                if dice.rule.action is Action.KILL:
                    os.kill(os.getpid(), signal.SIGKILL)
                return dice.rule
        return None


def _unknown() -> Refused:
    return Refused(Code.RETRY, "A failure that was asked for; the outcome is unknown.", retry_ms=1000)


def armed(text: str, *, service: str, mode: str, registry: CollectorRegistry, log: Log) -> Failpoints:
    """The failpoints that the setting asks for, none when it is empty; BadSetting when it is malformed, or set in production."""
    if text and mode == "production":
        raise BadSetting(
            f"{SETTING} is set; it makes a process fail, so a start with PALIQUE_MODE=production refuses it"
        )
    rules = parse(text, service)
    for rule in rules:
        log.warning("this process will fail on purpose", **{**rule._asdict(), "action": str(rule.action)})
    return Failpoints(rules, registry=registry)
