"""Redraws uploaded photos of agents, small and square, so that no byte of the uploaded file is served (requirement I-22).

This removes metadata such as the place, and content that a browser could read as another file type.
"""

import asyncio
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

from kit.codes import Code, Refused

# A good photo of SIDE pixels is far smaller.
MAX_UPLOAD = 256 * 1024
# Twice the largest displayed size, for dense screens.
SIDE = 256
# A small file may decode to any size; this bounds the memory to 64 MiB.
MAX_PIXELS = 16_000_000
# WebP quality; a face takes about 8 KiB.
QUALITY = 85
# Drawing takes a tenth of a second on one core; uploads are rare.
THREADS = 1
MAX_WAITING = 16
RETRY_MS = 2000
TYPES = ("image/png", "image/jpeg", "image/webp")
MEDIA_TYPE = "image/webp"


class Photos:
    """Redraws photos in its own thread; `close` ends it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="photo")
        self._waiting = 0

    def __len__(self) -> int:
        """Calls that run or wait."""
        return self._waiting

    async def draw(self, uploaded: bytes) -> bytes:
        """The photo as WebP. Refuses other files than PNG, JPEG and WebP (invalid), and when too many calls wait (overloaded)."""
        if self._waiting >= MAX_WAITING:
            raise Refused(Code.OVERLOADED, "Too many photos at once; try again in a moment.", RETRY_MS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, redraw, uploaded)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Cancels waiting calls; does not wait for a running one."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def version_of(image: bytes) -> str:
    """The version of a photo, from its content."""
    return hashlib.sha256(image).hexdigest()[:16]


def redraw(uploaded: bytes) -> bytes:
    """The blocking part of `Photos.draw`."""
    kind = _kind(uploaded)
    if kind is None:
        raise Refused(Code.INVALID, "Upload a PNG, JPEG or WebP file.")
    try:
        square = _square(uploaded, kind)
    except Refused:
        raise
    except Exception as error:  # decoders raise exceptions of any type for a broken file
        raise Refused(Code.INVALID, "This image file is damaged. Upload another one.") from error
    out = io.BytesIO()
    # A new image object, without the metadata of the old one.
    Image.frombytes("RGBA", square.size, square.tobytes()).save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


def _square(uploaded: bytes, kind: str) -> Image.Image:
    with Image.open(io.BytesIO(uploaded), formats=[kind]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Refused(Code.TOO_LARGE, f"Upload a photo of at most {MAX_PIXELS // 1_000_000} million pixels.")
        upright = ImageOps.exif_transpose(image)
        return ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE))


def _kind(uploaded: bytes) -> str | None:
    """The format by the first bytes; the declared media type is ignored."""
    if uploaded.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if uploaded.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if uploaded[:4] == b"RIFF" and uploaded[8:12] == b"WEBP" else None
