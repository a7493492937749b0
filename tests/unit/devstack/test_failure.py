"""A failed start explains itself."""

from pathlib import Path

from devstack.failure import TAIL_LINES, StackError, explain


def test_the_sentence_is_followed_by_what_this_start_wrote(tmp_path: Path) -> None:
    log = tmp_path / "chat-1.log"
    log.write_text("of yesterday\n")
    start = log.stat().st_size
    with log.open("a") as file:
        file.write("of today\n")
    said = explain(StackError("chat-1 ended while it was starting.", log, start))
    assert said.splitlines() == ["chat-1 ended while it was starting.", f"The end of {log}:", "  | of today"]


def test_a_long_log_is_cut_to_its_end(tmp_path: Path) -> None:
    log = tmp_path / "chat-1.log"
    log.write_text("".join(f"{number}\n" for number in range(1000)))
    lines = explain(StackError("It ended.", log)).splitlines()
    assert lines[-1] == "  | 999"
    assert len(lines) == TAIL_LINES + 2


def test_a_log_that_is_not_there_or_empty_does_not_hide_the_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.log"
    empty.touch()
    for log in (tmp_path / "none.log", empty):
        assert explain(StackError("It ended.", log)).startswith("It ended.\n")
