"""Names of countries in the languages of the product, by CLDR, from which browsers take theirs too."""

from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from kit.vocabulary import LANGUAGES


def country_names(language: str) -> Mapping[str, str]:
    """By code of ISO 3166-1. In English for a language that the product does not have, since clients choose it."""
    return _names(language if language in LANGUAGES else "en")


@lru_cache(maxsize=len(LANGUAGES))
def _names(language: str) -> Mapping[str, str]:
    return dict(Locale(language).territories)
