"""Proof photos: read, turned upright, made smaller, re-encoded without metadata."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from kolaborasi.aid.errors import NotAPhoto

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 25_000_000
"""What the common phones take (24 megapixels) and no more: a picture is whole in memory while it is made smaller."""

LONGEST_SIDE = 1280
FORMATS = ("JPEG", "PNG", "WEBP")
SMOOTH = ("RGB", "RGBA", "L", "CMYK", "YCbCr")
"""Kinds of picture that can be made smaller without jagged edges as they are."""


# Pictures are unpacked two at a time in a process, so that many uploads at once cost patience and not memory.
UNPACKING = BoundedSemaphore(2)


class TooManyPixels(NotAPhoto):
    """The picture is larger than a phone's usual photo."""

    def __init__(self) -> None:
        super().__init__()
        self.message = _(
            "This photo has too many pixels. Take it with at most 24 megapixels, or send a smaller copy."
        )


class Photo:
    """A picture without place, time or device in it.

    Args:
        content: the re-encoded picture, or how to make it, which is done when it is first asked for.
        suffix: file ending.
    """

    def __init__(self, content: bytes | Callable[[], bytes], suffix: str) -> None:
        self._content = content
        self.suffix = suffix

    @cached_property
    def content(self) -> bytes:
        """The re-encoded picture.

        Raises:
            NotAPhoto: what was sent is broken further in than its header.
        """
        return self._content() if callable(self._content) else self._content


def read_photo(file: BinaryIO, *, size: int) -> Photo:
    """A JPEG without place, time or device in it, at most 1280 pixels on its longer side.

    Only the header is read here. The picture is unpacked when its content is asked for, so that a verb can refuse
    before anything costs memory.

    Args:
        file: the upload; must stay open until the content was asked for.
        size: its length in bytes, as received.

    Raises:
        NotAPhoto: too large, another format, or broken.
    """
    if size > MOST_BYTES:
        raise NotAPhoto
    with _opened(file) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise TooManyPixels
    return Photo(lambda: _reencoded(file), "jpg")


def _reencoded(file: BinaryIO) -> bytes:
    kept = io.BytesIO()
    with UNPACKING, _opened(file) as picture:
        # A JPEG is unpacked at a half, a quarter or an eighth of its size by its own format.
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        whole = picture if picture.mode in SMOOTH else picture.convert("RGB")
        whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        ImageOps.exif_transpose(whole).convert("RGB").save(kept, "JPEG", quality=80)
    return kept.getvalue()


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Image.Image]:
    file.seek(0)
    try:
        with Image.open(file, formats=FORMATS) as picture:
            yield picture
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPhoto from error
    finally:
        file.seek(0)
