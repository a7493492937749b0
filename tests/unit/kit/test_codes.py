import re
from pathlib import Path

from kit.codes import CLOSES, ERRORS, LONGEST_PAUSE_S, Close, Code, Reaction, pause_s
from kit.rpc.errors import STATUS

WEB = Path(__file__).parents[3] / "web/client/src/codes.gen.ts"


def test_every_code_has_a_row_and_a_grpc_status() -> None:
    assert set(ERRORS) == set(Code)
    assert set(STATUS) == set(Code)


def test_every_close_code_has_a_row_that_the_client_understands() -> None:
    assert set(CLOSES) == set(Close)
    assert {row.reaction for row in CLOSES.values()} == set(Reaction)
    # Below 1000 belongs to the protocol; 4000 to 4999 are ours; 1001, 1011 and 1012 are registered.
    assert all(4000 <= close < 5000 or close in (1001, 1011, 1012) for close in Close)


def test_every_row_has_a_status_of_http_and_a_sentence() -> None:
    assert all(400 <= row.http < 600 for row in ERRORS.values())
    assert all(row.meaning.endswith(".") for row in ERRORS.values())


def test_the_browsers_table_is_the_same() -> None:
    text = WEB.read_text()
    assert set(re.findall(r'^  "(\w+)",$', text, re.MULTILINE)) == {str(code) for code in Code}
    assert {int(number) for number in re.findall(r"^  (\d+):", text, re.MULTILINE)} == {int(close) for close in Close}
    reactions = re.search(r"^export type Reaction = (.*);$", text, re.MULTILINE)
    assert reactions is not None, "codes.gen.ts declares no type Reaction"
    assert re.findall(r'"(\w+)"', reactions[1]) == [str(reaction) for reaction in Reaction]


def test_a_client_comes_back_after_a_jitter_that_grows_to_a_bound() -> None:
    for code in (None, 1006, 4999, Close.RESTART, Close.OVERLOADED):
        for failures, longest in ((0, 0.5), (3, 4.0), (1000, LONGEST_PAUSE_S)):
            waits = {pause_s(code, "", failures) for _ in range(50)}
            assert len(waits) > 1
            assert all(wait is not None and 0 <= wait <= longest for wait in waits), (code, failures)


def test_a_client_waits_as_long_as_the_reason_demands() -> None:
    assert pause_s(4429, "Too many frames; come back in 1500 ms.", 0) == 1.5
    assert pause_s(4429, "", 0) == LONGEST_PAUSE_S


def test_a_client_that_is_refused_for_good_does_not_come_back() -> None:
    for code in (4400, 4401, 4403, 4409, 4410, 4413):
        assert pause_s(code, "", 0) is None
