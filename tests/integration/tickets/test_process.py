"""The tickets process: settings from the environment, probes, metrics, stop by SIGTERM."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from palique.tickets.v1 import tickets_pb2
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub

from devstack.folders import ROOT
from services.tickets.settings import Settings
from tests.integration.tickets.service import ANA, metadata, settings_for
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def launched(settings: Settings) -> asyncio.subprocess.Process:
    environment = {
        f"PALIQUE_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name in settings.__struct_fields__
        for value in [getattr(settings, name)]
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PALIQUE_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.tickets.main",
        cwd=ROOT,
        env=inherited | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def readyz(settings: Settings) -> tuple[int, Any]:
    async with httpx.AsyncClient(verify=False) as client:
        try:
            answer = await client.get(f"http://{settings.ops_address}/readyz")
        except httpx.TransportError as error:
            raise AssertionError from error
        return answer.status_code, answer.json()


async def test_the_process_serves_reports_missing_services_and_stops_on_sigterm(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=vhost_url, mongodb_prefix=database_prefix)
    process = await launched(settings)

    async def ready() -> bool:
        # Without chat and presence the process is ready; the body names them.
        return await readyz(settings) == (200, {"ok": True, "missing": ["chat", "presence"]})

    try:
        await eventually(ready)
        async with grpc.aio.insecure_channel(settings.grpc_address) as channel:
            stub: Any = TicketsServiceStub(channel)
            request = tickets_pb2.CreateTicketRequest(site="acme", client_id="c", subject="A secret lamp", by=ANA)
            made = (await stub.CreateTicket(request, metadata=metadata(), timeout=10)).ticket
        assert made.number == 1
        async with httpx.AsyncClient(verify=False) as client:
            figures = (await client.get(f"http://{settings.ops_address}/metrics")).text
        assert 'palique_tickets_opened_total{origin="request"} 1.0' in figures
        for name in ("palique_rpc_handled_seconds", "palique_mongo_command_seconds", "palique_outbox_age_seconds"):
            assert name in figures
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, err) == (0, b"")
    lines = [json.loads(line) for line in out.splitlines()]
    assert all(line["level"] in ("info", "warning") for line in lines)
    assert b"secret" not in out


async def test_without_a_database_the_process_is_not_ready_and_stops_on_sigterm(vhost_url: str, tmp_path: Path) -> None:
    nowhere = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200"
    settings = settings_for(tmp_path, mongodb_url=nowhere, amqp_url=vhost_url)
    process = await launched(settings)

    async def missing() -> bool:
        status, body = await readyz(settings)
        return status == 503 and "mongodb" in body["missing"]

    try:
        await eventually(missing)
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), 20)
        assert (process.returncode, err) == (0, b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
