"""Proof photos: read, turned upright, made smaller, re-encoded without metadata."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps

from kolaborasi.aid.errors import NotAPhoto

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 1280
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Photo:
    """A re-encoded picture: content and file ending."""

    content: bytes
    suffix: str


def read_photo(file: BinaryIO, *, size: int) -> Photo:
    """A JPEG without place, time or device in it, at most 1280 pixels on its longer side.

    Args:
        file: the upload.
        size: its length in bytes, as received.

    Raises:
        NotAPhoto: too large, another format, or broken.
    """
    if size > MOST_BYTES:
        raise NotAPhoto
    try:
        with Image.open(file, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPhoto
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPhoto from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    kept = io.BytesIO()
    upright.save(kept, "JPEG", quality=80)
    return Photo(kept.getvalue(), "jpg")
