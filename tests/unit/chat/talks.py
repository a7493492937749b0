"""Hypothesis strategies: people, commands, and the logs that result from them."""

from hypothesis import strategies as st

from services.chat.domain.commands import Accept, Close, Command, Open, Release, Requeue, TakeOver, Write, decide
from services.chat.domain.log import Entry, Person, State, fold

SITE = "demo"
VERA = Person("visitor", "vera", "Vera")
STRANGER = Person("visitor", "mallory", "Mallory")
ANA = Person("agent", "ana", "Ana")
BEN = Person("agent", "ben", "Ben")
CRM = Person("integration", "crm", "crm")
PEOPLE = (VERA, STRANGER, ANA, BEN, CRM)


def reserved(opened_by: Person = VERA) -> State:
    """A conversation without its first entry."""
    return State(site=SITE, id="c" * 32, visitor=VERA, opened_by=opened_by, started_at_ms=1000, country="ES")


people = st.sampled_from(PEOPLE)
sites = st.sampled_from((SITE, SITE, SITE, SITE, "other"))
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(Open, sites, people),
    st.builds(
        Write,
        sites,
        people,
        st.sampled_from(("message", "note")),
        st.uuids().map(str),
        st.text(min_size=1, max_size=20),
    ),
    st.builds(Accept, sites, people),
    st.builds(Close, sites, people, st.booleans()),
    st.builds(Release, sites, people),
    st.builds(TakeOver, sites, people, st.booleans()),
    st.builds(Requeue, sites, people, people, st.integers(0, 9), st.sampled_from(("agent_lost", "disabled"))),
)
# Clocks of several processes: close to each other, neither equal nor monotonic.
clocks = st.integers(min_value=900, max_value=5000)
steps = st.lists(st.tuples(commands, clocks), max_size=40)


def played(start: State, taken: list[tuple[Command, int]]) -> list[tuple[State, Entry]]:
    """Each entry that results from the commands, with the state that it was decided on."""
    state, log = start, []
    for command, now_ms in taken:
        decision = decide(state, command, now_ms)
        if isinstance(decision, Entry):
            log.append((state, decision))
            state = fold(state, decision)
    return log
