"""What a client of the websocket has read of each log. Pure: frames of the server in; new entries, and frames to send, out."""

from typing import Any

Frame = dict[str, Any]
# Each of these names conversations whose log may have grown, or was replaced.
NEWS = ("welcome", "reply", "entry", "stale", "reset", "pong")


class Logs:
    """Reads every log by `fetch` from its begin, so each entry comes once and in order, and none is missed."""

    def __init__(self) -> None:
        self._read: dict[str, int] = {}
        self._epochs: dict[str, int] = {}

    def ping(self) -> Frame:
        """To send every 20 s. The `pong` names what is newer, so also what a refused `fetch` did not bring."""
        return {"type": "ping", "cursors": [{"conversation": key, "seq": seq} for key, seq in self._read.items()]}

    def take(self, frame: Frame) -> tuple[list[Frame], list[Frame]]:
        """The new entries, and the frames to send for more of them."""
        if frame["type"] == "entries":
            return self._entries(frame)
        if frame["type"] not in NEWS:
            return [], []
        named = (frame, *frame.get("conversations", ()), *frame.get("heads", ()))
        return [], [self._news(one) for one in named if "conversation" in one]

    def read_again(self, conversation: str, seq: int) -> Frame:
        """The frame to send when the entry and those after it are to come again."""
        self._read[conversation] = seq - 1
        return self._fetch(conversation)

    def _news(self, one: Frame) -> Frame:
        """A log of a higher epoch was restored from a backup, and is another one."""
        conversation = one["conversation"]
        epoch = one.get("epoch", self._epochs.get(conversation, 0))
        if epoch > self._epochs.setdefault(conversation, epoch):
            self._epochs[conversation], self._read[conversation] = epoch, 0
        return self._fetch(conversation)

    def _entries(self, frame: Frame) -> tuple[list[Frame], list[Frame]]:
        conversation, epoch = frame["conversation"], self._epochs.get(frame["conversation"], 0)
        if frame["epoch"] != epoch:
            return [], [self._news(frame)] if frame["epoch"] > epoch else []
        new: list[Frame] = [entry for entry in frame["items"] if entry["seq"] > self._read.get(conversation, 0)]
        if new:
            self._read[conversation] = new[-1]["seq"]
        return new, [self._fetch(conversation)] if frame["more"] else []

    def _fetch(self, conversation: str) -> Frame:
        after = self._read.setdefault(conversation, 0)
        return {"type": "fetch", "ref": f"fetch-{conversation}", "conversation": conversation, "after": after}
