"""The two forms of a handler of a frame. Both answer over the link; what a handler raises becomes the answer (`desk`)."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.gateway.link import Link, Who

# Done within the call, without a task each; tells the machine itself when it is done. Must not raise.
Direct = Callable[[Link, Who, Any], None]
# A task each; the desk tells the machine when it is done.
Waits = Callable[[Link, Who, Any], Awaitable[None]]
