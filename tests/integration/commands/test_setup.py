"""`palique setup`, and the code that a gateway logs, on a real database."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from kit.ids import now_ms
from kit.mongo import connect
from services.gateway.accounts.model import Site
from services.gateway.accounts.setup import Setup
from services.gateway.accounts.store import GatewayStore
from tests.support.palique import palique


@pytest.mark.new_databases
async def test_setup_prints_a_code_until_there_is_a_site(
    mongodb_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Each code replaces the one before."""
    settings = {"PALIQUE_MONGODB_URL": mongodb_url, "PALIQUE_MONGODB_PREFIX": database_prefix}
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = GatewayStore(client[f"{database_prefix}_gateway"])
    try:
        printed = palique("setup", "--url", "https://chat.example/", settings=settings)
        assert printed.status == 0, printed
        assert "https://chat.example/dashboard/" in printed.out
        codes = re.findall(r"^ +([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})$", printed.out, re.MULTILINE)
        assert len(codes) == 1, printed
        await Setup(store, now_ms).check(codes[0])

        await store.put_site(Site(key="shop", name="Shop", enabled=True, origins=()))
        refused = palique("setup", settings=settings)
        assert (refused.status, "there is a site already" in refused.err, refused.out) == (1, True, ""), refused
        await Setup(store, now_ms).check(codes[0])
    finally:
        client.close()
