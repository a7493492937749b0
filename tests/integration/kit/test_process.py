"""The life of a process, on the loop that services run on."""

import asyncio
import signal
import sys

import pytest

from devstack.folders import ROOT

PROGRAM = """
import asyncio, sys
from kit.runtime import logs, process
from kit.config.loader import BadSetting

async def serve_badly():
    raise BadSetting("PALIQUE_PORT is not set")

async def serve(stopping):
    log = logs.configure("test")
    if sys.argv[1] == "bad":
        raise BadSetting("PALIQUE_PORT is not set")
    if sys.argv[1] == "bad in a task":
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_badly())
    if sys.argv[1] == "fails":
        raise OSError("cannot listen")
    print("ready", type(asyncio.get_running_loop()).__module__, flush=True)
    await stopping.wait()
    print("stopping", flush=True)
    await asyncio.sleep(0.3)
    try:
        raise ValueError("oops")
    except ValueError:
        log.exception("went wrong", conversation="c1")
    print("stopped", flush=True)

process.run(serve)
"""


async def started(argument: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        argument,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 15)).decode().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_in_order_and_a_second_one_changes_nothing(number: signal.Signals) -> None:
    process = await started("good")
    assert await said(process) == "ready uvloop"
    process.send_signal(number)
    assert await said(process) == "stopping"
    process.send_signal(number)
    out, err = await asyncio.wait_for(process.communicate(), 15)
    assert (process.returncode, err) == (0, b"")
    line, last = out.decode().splitlines()
    assert last == "stopped"
    # One line, whole: the traceback is inside.
    assert line.startswith("{")
    for part in ('"service": "test"', '"level": "error"', '"conversation": "c1"', "ValueError: oops"):
        assert part in line


@pytest.mark.parametrize("argument", ["bad", "bad in a task"])
async def test_a_bad_setting_ends_with_a_sentence(argument: str) -> None:
    """Also one that a task finds after the start, as a gateway in production finds the demo sign-ins in the database."""
    process = await started(argument)
    out, err = await asyncio.wait_for(process.communicate(), 15)
    assert (process.returncode, out, err) == (1, b"", b"PALIQUE_PORT is not set\n")


async def test_what_fails_at_the_start_ends_the_process() -> None:
    process = await started("fails")
    _, err = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 1
    assert b"cannot listen" in err
