"""Proof photos: what is taken, what is refused before it costs memory, and what is kept of them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from kolaborasi.aid import photos
from kolaborasi.aid.errors import NotAPhoto
from kolaborasi.aid.photos import LONGEST_SIDE, TooManyPixels, read_photo


def picture(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, kind, **options)
    return file


def header_only(width: int, height: int) -> io.BytesIO:
    """A PNG that claims a size and holds nothing of it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\x35\xaf\x06\x1e")


def read(file: io.BytesIO) -> photos.Photo:
    return read_photo(file, size=len(file.getvalue()))


def test_header_is_read_first_and_the_rest_when_it_is_asked_for() -> None:
    photo = read(header_only(6_000, 4_000))
    with pytest.raises(NotAPhoto):
        _ = photo.content


@pytest.mark.parametrize(("width", "height"), [(8_000, 6_000), (6_000, 10_000), (100_000, 100_000)])
def test_picture_with_too_many_pixels_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(NotAPhoto) as refused:
        read(header_only(width, height))
    assert refused.value.code == "not-a-photo"


def test_sentence_names_the_most_pixels() -> None:
    assert "24" in str(TooManyPixels())


def test_photo_of_a_phone_is_taken_and_made_smaller() -> None:
    kept = Image.open(io.BytesIO(read(picture(5_712, 4_284)).content))
    assert (kept.format, max(kept.size)) == ("JPEG", LONGEST_SIDE)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("WEBP", "RGB"), ("JPEG", "L")]
)
def test_every_kind_of_picture_becomes_a_jpeg(kind: str, mode: str) -> None:
    kept = Image.open(io.BytesIO(read(picture(2_000, 1_000, kind, mode)).content))
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (LONGEST_SIDE, LONGEST_SIDE // 2))


def test_picture_is_turned_upright_and_loses_what_the_camera_wrote() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Kamera"
    kept = Image.open(io.BytesIO(read(picture(2_000, 1_000, exif=exif)).content))
    assert kept.size == (LONGEST_SIDE // 2, LONGEST_SIDE)
    assert not kept.getexif()
    assert b"Kamera" not in kept.tobytes()


def test_content_is_made_once() -> None:
    photo = read(picture(64, 48))
    assert photo.content is photo.content
