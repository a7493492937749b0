"""The limit of open files and the bounds of connections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.config.loader import BadSetting
from kit.runtime.file_limit import MIN_FILES, OPS_CONNECTIONS, RESERVED, UNLIMITED, divide_files


@given(st.integers(MIN_FILES, UNLIMITED))
def test_all_bounds_together_lie_below_the_limit(limit: int) -> None:
    plan = divide_files(limit, None)
    assert plan.http + plan.sockets + OPS_CONNECTIONS + RESERVED <= limit
    assert min(plan) > 300
    assert divide_files(limit, plan.sockets) == plan


@given(st.integers(MIN_FILES, UNLIMITED), st.integers(1, UNLIMITED))
def test_too_many_sockets_for_the_limit_are_refused_with_a_sentence(limit: int, more: int) -> None:
    plan = divide_files(limit, None)
    with pytest.raises(BadSetting, match=r"PALIQUE_MAX_SOCKETS .*ulimit -n"):
        divide_files(limit, plan.sockets + more)


def test_too_low_a_limit_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadSetting, match=r"may open 1024 files"):
        divide_files(1024, None)
