"""When Python looks for garbage: seldom, and never at what a process begins with.

Reference counts free nearly all of it at once; a look at everything stops the loop for as long as it takes.
"""

import gc

# A look costs half a microsecond for each thing looked at: 5 ms for the young, who must be more than what a process has under way, or they are looked at before
# they go; 20 for those who outlived one look (with 20,000 and 20, a crowd that came stopped the loop for 0.2 s); 0.4 s for all at 5,000 sockets. That one
# follows some two hundred million new things.
THRESHOLDS = (10_000, 3, 5_000)


def freeze_gc() -> None:
    """To be called once everything is built: what is there now stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
