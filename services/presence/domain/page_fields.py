"""Fields that the site's page gives about the visit, such as a plan or an order number. Pure.

They are not signed: agents see them, and nothing else depends on them.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from kit.codes import Code, Refused
from kit.page_fields import MAX_FIELDS
from services.presence.domain.visitor import PageField, Visitor


def set_fields(visitor: Visitor, changes: Iterable[PageField]) -> Visitor:
    """Replaces the values of these keys; an empty value removes the field. The same object when nothing changes.

    Refused(too_large) at more than MAX_FIELDS.
    """
    values = {field.key: field.value for field in (*visitor.fields, *changes)}
    fields = tuple(PageField(key, value) for key, value in values.items() if value)
    if fields == visitor.fields:
        return visitor
    if len(fields) > MAX_FIELDS:
        raise Refused(Code.TOO_LARGE, f"A visitor has {MAX_FIELDS} fields at most.")
    return replace(visitor, fields=fields, fields_version=visitor.fields_version + 1)
