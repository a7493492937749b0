"""A tiny real service: what the development stack supervises in its own tests.

`/readyz` as the product's services; `/env` gives the PALIQUE_* environment; with PALIQUE_CRASH set it ends at once.
"""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = 200
        body: dict[str, object] = {"ok": True, "missing": []}
        if self.path == "/env":
            body = {name: value for name, value in os.environ.items() if name.startswith("PALIQUE_")}
        elif self.path == "/readyz" and "PALIQUE_UNREADY" in os.environ:
            status, body = 503, {"missing": ["patience"]}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    if "PALIQUE_CRASH" in os.environ:
        sys.exit("the fixture was told to crash")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = os.environ["PALIQUE_OPS_ADDRESS"].split(":")
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
