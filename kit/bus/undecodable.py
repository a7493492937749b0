"""Delivery of messages whose AMQP properties or routing keys the library cannot decode: no UTF-8, deep nesting, an impossible time.

The library ends the connection on such a frame. The broker then delivers the message again to the next connection, so that one
message would keep a service away from the broker for minutes. Here the message arrives without them, and its body decides.
"""

from pamqp import commands, decode, header

_read_header = header.ContentHeader.unmarshal


def accept_undecodable() -> None:
    """Replaces the library's decoders in this process. Repeated calls change nothing."""
    decode.METHODS["shortstr"] = _short_text
    header.ContentHeader.unmarshal = _header_without_undecodable  # type: ignore[method-assign,assignment] # the library has no hook


def _short_text(value: bytes) -> tuple[int, str]:
    """A text of 255 bytes at most, without what is no UTF-8. Never longer than it came, so that it can be sent again."""
    end = value[0] + 1
    return end, value[1:end].decode(errors="ignore")


def _header_without_undecodable(frame: header.ContentHeader, data: bytes) -> None:
    try:
        _read_header(frame, data)
    except Exception:  # noqa: BLE001 - the library raises what its decoders raise
        # The size of the body stands before the properties and is read.
        frame.properties = commands.Basic.Properties()
