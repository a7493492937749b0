"""Demo data: added once, refused in production."""

import pytest

from kit.config.loader import BadSetting
from services.gateway.accounts.demo_data import DEMO_PASSWORD, refuse_demo_sign_ins, seed
from tests.integration.gateway.http_api.answers import no_content, problem
from tests.integration.gateway.http_api.http_side import ORIGIN, HttpSide, sign_in


async def test_demo_data_is_added_once_and_refused_in_production(side: HttpSide) -> None:
    await refuse_demo_sign_ins(side.store)
    for _ in range(2):
        await seed(side.store, side.passwords)
    assert len(await side.store.agents("demo")) == 3
    async with side.client(origin=ORIGIN) as client:
        no_content(await sign_in(client, "agent@palique.test", DEMO_PASSWORD))
        assert problem(await sign_in(client, "agent@palique.test", DEMO_PASSWORD + "!")) == (401, "wrong_credentials")
    with pytest.raises(BadSetting, match="demo sign-ins"):
        await refuse_demo_sign_ins(side.store)
    for agent in await side.store.agents("demo"):
        await side.store.set_disabled(agent.id, disabled=True)
    await refuse_demo_sign_ins(side.store)


async def test_demo_data_changes_no_existing_record(side: HttpSide) -> None:
    await side.add_site("demo", name="Mine", enabled=False, origins=())
    await seed(side.store, side.passwords)
    site = await side.store.site("demo")
    assert site is not None
    assert (site.name, site.enabled) == ("Mine", False)
