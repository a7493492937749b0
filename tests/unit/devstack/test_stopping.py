"""A signal may come at any moment of a wait, also while the wait is being entered."""

import os
import signal
import threading

from devstack.stopping import Stopping


def test_a_signal_at_any_moment_of_a_wait_ends_it() -> None:
    """With a lock between the two, one of these many would wait for ever."""
    main = threading.get_ident()
    for _ in range(300):
        stopping = Stopping()
        before = signal.signal(signal.SIGUSR1, lambda *_, stopping=stopping: stopping.set())
        sender = threading.Thread(target=lambda: signal.pthread_kill(main, signal.SIGUSR1))
        sender.start()
        while not stopping.wait(0.0001):
            pass
        sender.join()
        signal.signal(signal.SIGUSR1, before)
        assert stopping.wait(60)


def test_more_signals_than_one_change_nothing() -> None:
    stopping = Stopping()
    before = signal.signal(signal.SIGUSR1, lambda *_: stopping.set())
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)
    assert stopping.is_set()
    assert stopping.wait(0)
