"""What a client of the websocket has read of each log."""

from palique_contracts.logs import Frame, Logs


def fetch(after: int, conversation: str = "c1") -> Frame:
    return {"type": "fetch", "ref": f"fetch-{conversation}", "conversation": conversation, "after": after}


def entries(*seqs: int, epoch: int = 1, more: bool = False) -> Frame:
    items = [{"conversation": "c1", "epoch": epoch, "seq": seq, "kind": "message"} for seq in seqs]
    return {"type": "entries", "ref": "fetch-c1", "conversation": "c1", "epoch": epoch, "items": items, "more": more}


def seqs(taken: tuple[list[Frame], list[Frame]]) -> list[int]:
    return [entry["seq"] for entry in taken[0]]


def known() -> Logs:
    logs = Logs()
    assert logs.take({"type": "reply", "ok": True, "conversation": "c1", "epoch": 1, "head": 3}) == ([], [fetch(0)])
    return logs


def test_each_entry_comes_once_and_in_order_also_when_answers_overlap() -> None:
    logs = known()
    assert seqs(logs.take(entries(1, 2))) == [1, 2]
    assert seqs(logs.take(entries(1, 2, 3))) == [3]
    assert seqs(logs.take(entries(2))) == []
    assert logs.ping() == {"type": "ping", "cursors": [{"conversation": "c1", "seq": 3}]}


def test_a_long_log_is_read_to_its_end() -> None:
    assert known().take(entries(1, 2, more=True))[1] == [fetch(2)]


def test_every_frame_that_names_a_log_leads_to_a_fetch() -> None:
    logs = known()
    logs.take(entries(1, 2, 3))
    news: list[Frame] = [
        {"type": "entry", "conversation": "c1", "epoch": 1, "seq": 9},
        {"type": "stale", "conversation": "c1", "head": 9},
        {"type": "pong", "heads": [{"conversation": "c1", "epoch": 1, "head": 9}]},
        {"type": "welcome", "conversations": [{"conversation": "c1", "epoch": 1, "head": 9}]},
    ]
    for frame in news:
        assert logs.take(frame) == ([], [fetch(3)]), frame
    other = {"type": "entry", "conversation": "c2", "epoch": 1, "seq": 1}
    assert logs.take(other) == ([], [fetch(0, "c2")])
    others: list[Frame] = [{"type": "ack", "conversation": "c1"}, {"type": "reply", "ok": False}, {"type": "news"}]
    for frame in others:
        assert logs.take(frame) == ([], []), frame


def test_a_restored_log_is_read_from_its_begin_however_it_shows() -> None:
    for frame in (
        {"type": "reset", "conversation": "c1", "epoch": 2, "head": 1},
        {"type": "pong", "heads": [{"conversation": "c1", "epoch": 2, "head": 1}]},
        entries(4, epoch=2),
    ):
        logs = known()
        logs.take(entries(1, 2, 3))
        assert logs.take(frame) == ([], [fetch(0)]), frame
        # An answer from before the backup was restored.
        assert logs.take(entries(4, more=True)) == ([], [])
        assert seqs(logs.take(entries(1, epoch=2))) == [1]


def test_an_entry_comes_again_when_the_client_asks_for_it() -> None:
    logs = known()
    logs.take(entries(1, 2, 3))
    assert logs.read_again("c1", 2) == fetch(1)
    assert seqs(logs.take(entries(2, 3))) == [2, 3]
