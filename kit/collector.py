"""When Python looks for garbage: seldom, and never at what a process begins with.

Reference counts free nearly all of it at once; a look at everything stops the loop for as long as it takes.
"""

import gc

# A full collection stalls the loop for 0.4 s at 5,000 sockets: the young are looked at often, the old rarely.
THRESHOLDS = (20_000, 20, 500)


def settle_collector() -> None:
    """To be called once everything is built: what is there now stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
