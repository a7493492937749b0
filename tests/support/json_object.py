"""A JSON object whose fields a test examines one by one."""

from typing import Any

JsonObject = dict[str, Any]
