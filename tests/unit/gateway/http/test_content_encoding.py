"""The compressed forms that a client accepts."""

import pytest

from services.gateway.http.content_encoding import accepted_forms

BR, GZIP = ("br", ".br"), ("gzip", ".gz")


@pytest.mark.parametrize(
    ("header", "forms"),
    [
        ("", []),
        ("identity", []),
        ("gzip, deflate, br, zstd", [BR, GZIP]),
        ("GZIP", [GZIP]),
        ("gzip;q=0.5, br;q=1.0", [BR, GZIP]),
        ("br;q=0, gzip", [GZIP]),
        ("*", [BR, GZIP]),
        ("*;q=0", []),
        ("*;q=0, gzip;q=0.1", [GZIP]),
        ("br; q=nonsense", []),
        (",;;=,br;", [BR]),
    ],
)
def test_accepted_encodings_follow_the_weights(header: str, forms: list[tuple[str, str]]) -> None:
    assert accepted_forms(header) == forms
