"""Photos of agents: whatever was uploaded is drawn anew, small and square, so that nothing of the file itself is ever served.

A file that is two things at once, or carries a place and a name, comes out as a picture and nothing else (I-22).
"""

import asyncio
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

from kit.codes import Code, Refused

# A good photo of that size is far below it.
UPLOAD_LIMIT = 256 * 1024
# Twice the largest that is shown anywhere, for dense screens.
SIDE = 256
# A small file may unfold to any size: at most 64 MiB of memory while it is drawn.
MAX_PIXELS = 16_000_000
# As drawn photos look well; a face has about 8 KiB then.
QUALITY = 85
# Drawing takes a tenth of a second and a core; photos come a few a year.
THREADS = 1
MAX_WAITING = 16
RETRY_MS = 2000
TYPES = ("image/png", "image/jpeg", "image/webp")
MEDIA_TYPE = "image/webp"


class Photos:
    """Draws in its own thread; `close` ends it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="photo")
        self._waiting = 0

    def __len__(self) -> int:
        """Those in hand, and those that wait for them."""
        return self._waiting

    async def draw(self, uploaded: bytes) -> bytes:
        """The picture as WebP; `invalid` for what is no PNG, JPEG or WebP, `overloaded` when too many wait."""
        if self._waiting >= MAX_WAITING:
            raise Refused(Code.OVERLOADED, "Too many photos at once.", RETRY_MS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, drawn, uploaded)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Waits for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def version_of(image: bytes) -> str:
    """Names a picture by its content."""
    return hashlib.sha256(image).hexdigest()[:16]


def drawn(uploaded: bytes) -> bytes:
    """Blocking; see `Photos.draw`."""
    kind = _kind(uploaded)
    if kind is None:
        raise Refused(Code.INVALID, "A photo is a PNG, JPEG or WebP file.")
    try:
        square = _square(uploaded, kind)
    except Refused:
        raise
    except Exception as error:  # decoders raise anything over a broken file, and each means just that
        raise Refused(Code.INVALID, "This file is no picture that can be read.") from error
    out = io.BytesIO()
    # A new image without the old one's info: no place, no camera, no comment.
    Image.frombytes("RGBA", square.size, square.tobytes()).save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


def _square(uploaded: bytes, kind: str) -> Image.Image:
    with Image.open(io.BytesIO(uploaded), formats=[kind]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Refused(Code.TOO_LARGE, f"A photo has {MAX_PIXELS // 1_000_000} million pixels at most.")
        upright = ImageOps.exif_transpose(image)
        return ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE))


def _kind(uploaded: bytes) -> str | None:
    """By its first bytes: what a client calls it is not asked."""
    if uploaded.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if uploaded.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if uploaded[:4] == b"RIFF" and uploaded[8:12] == b"WEBP" else None
