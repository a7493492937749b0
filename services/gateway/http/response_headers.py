"""The security headers of every HTTP response. A route replaces the policy where its response is a page."""

from collections.abc import Mapping

# A year. Palique has a hostname of its own, so nothing else lives below it.
_HSTS = "max-age=31536000; includeSubDomains"
# For responses that are no pages: a browser that shows one anyway loads and runs nothing.
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Palique plays sounds and shows images; no page of it needs anything else of the device.
_UNUSED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)


def response_headers(*, https: bool) -> Mapping[str, str]:
    """`https`: browsers use HTTPS for all public addresses."""
    headers = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "permissions-policy": ", ".join(f"{feature}=()" for feature in _UNUSED),
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": _NO_PAGE,
    }
    return {**headers, "strict-transport-security": _HSTS} if https else headers
