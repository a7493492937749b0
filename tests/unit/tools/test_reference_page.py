"""The page of the API reference has all of both documents, and loads nothing from elsewhere."""

import copy
import re
from typing import Any

from services.gateway.http import openapi
from tests.support.contract_schemas import document
from tools import reference_page

HTTP = openapi.document()
PAGE = reference_page.page(HTTP, document())


def test_every_link_leads_to_a_place_on_the_page_and_every_place_is_one() -> None:
    places = re.findall(r' id="([^"]+)"', PAGE)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', PAGE)) <= set(places)


def test_every_call_frame_fact_code_and_schema_is_shown() -> None:
    for path, calls in HTTP["paths"].items():
        for method in calls:
            assert f"<code>{method.upper()} {path}</code>" in PAGE
    for message in document()["components"]["messages"].values():
        assert f"<h4><code>{message['name']}</code>" in PAGE
    for one in document()["x-error-codes"]:
        assert f"<td><code>{one['code']}</code></td>" in PAGE
    for name in HTTP["components"]["schemas"]:
        assert f'id="http-{name}"' in PAGE


def test_it_needs_no_script_and_no_other_host() -> None:
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', PAGE)
    assert sorted(loaded) == ["asyncapi.yaml", "favicon.svg", "openapi.json", "reference.css"]
    assert "<script" not in PAGE
    assert "style=" not in PAGE


def test_texts_are_escaped() -> None:
    changed: Any = copy.deepcopy(HTTP)
    changed["paths"]["/api/v1/me"]["get"]["summary"] = "Reads <b>`a < b`</b>."
    assert "Reads &lt;b&gt;<code>a &lt; b</code>&lt;/b&gt;." in reference_page.page(changed, document())
