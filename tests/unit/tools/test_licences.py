"""Every package that ships has a permissive licence, and another licence is found."""

import pytest

from tools.licences import EXCEPTIONS, Package, fault, is_permissive, licence_named, shipped


def test_every_package_that_ships_has_a_permissive_licence() -> None:
    packages = shipped()
    assert [found for found in map(fault, packages) if found] == []
    by_name = {package.name: package for package in packages}
    assert set(by_name["grpcio"].parts) == {"gateway", "presence", "chat", "tickets"}
    assert by_name["pillow"].parts == ("gateway",)
    assert by_name["preact"].parts == ("web",)
    assert "vite" not in by_name, "a development tool"


@pytest.mark.parametrize(
    ("licence", "permitted"),
    [
        ("MIT", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0", False),
        ("", False),
        ("LicenseRef-own", False),
    ],
)
def test_an_expression_is_permissive_when_permissive_licences_alone_meet_it(licence: str, permitted: bool) -> None:
    assert is_permissive(licence) is permitted


def test_a_package_without_a_licence_or_with_a_strange_one_is_a_fault() -> None:
    assert "names no licence" in fault(Package("a", "1", "", ("web",)))
    assert "AGPL-3.0-only" in fault(Package("a", "1", "AGPL-3.0-only", ("web",)))
    name, (licence, _) = next(iter(EXCEPTIONS.items()))
    assert fault(Package(name, "1", licence, ("gateway",))) == ""
    assert fault(Package("another", "1", licence, ("gateway",))) != ""


def test_a_whole_licence_is_no_name() -> None:
    assert licence_named([None, "Apache License\nVersion 2.0", "MIT License"]) == "MIT"
    assert licence_named([None, ""]) == ""
