"""A cell's outputs, less what could act in the reader's browser.

HTML, SVG, JavaScript and widgets are left out, and so is metadata that nbconvert writes into
attributes; text stays, and raster images whose headers say that they are what they claim to be.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Of a larger image a browser may keep gigabytes.
MOST_PIXELS = 20_000_000

Output = dict[str, Any]
_Size = Callable[[bytes], tuple[int, int]]


def safe_outputs(outputs: Any) -> list[Output]:
    """Outputs (nbformat 4, plain data) as text and raster images.

    Nothing in them is trusted to have the type that the format demands; what has not is left out.
    """
    made = (_safe(output) for output in items(outputs) if isinstance(output, Mapping))
    return [output for output in made if output is not None]


def _safe(output: Mapping[str, Any]) -> Output | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": joined(output.get("text"))}
    if kind == "error":
        trace = [line for line in items(output.get("traceback")) if isinstance(line, str)]
        said = {part: str(output.get(part, "")) for part in ("ename", "evalue")}
        return {"output_type": kind, **said, "traceback": trace}
    data = output.get("data")
    if kind in ("display_data", "execute_result") and isinstance(data, Mapping):
        return {"output_type": "display_data"} | _safe_bundle(data, output.get("metadata"))
    return None


def _safe_bundle(data: Mapping[str, Any], metadata: Any) -> Output:
    kept = {"text/plain": joined(data.get("text/plain"))}
    about: dict[str, Any] = {}
    for mime in RASTER:
        try:
            content, width, _ = read_image(mime, joined(data.get(mime)))
        except ValueError:
            continue
        kept[mime] = base64.b64encode(content).decode()
        if asked := said_width(metadata, mime, width):
            about[mime] = {"width": asked}
        break
    return {"data": kept, "metadata": about}


def items(value: Any) -> Sequence[Any]:
    """A list or a tuple as it is; of anything else nothing."""
    return value if isinstance(value, list | tuple) else ()


def joined(value: Any) -> str:
    """Text as nbformat stores it: one string, or a list of lines."""
    if isinstance(value, str):
        return value
    return "".join(v for v in items(value) if isinstance(v, str))


def read_image(mime: str, text: str) -> tuple[bytes, int, int]:
    """The bytes of an image in base64, its width and its height in pixels.

    Raises:
        ValueError: when it is no image of this kind, or a huge one; says which.
    """
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        width, height = _SIZES[mime](data)
    except (binascii.Error, ValueError, struct.error, IndexError):
        raise ValueError(f"An output that says it is {mime} is not; not shown.") from None
    if width * height > MOST_PIXELS:
        raise ValueError(f"An image of {width:,} by {height:,} pixels is not shown.")
    return data, width, height


def said_width(metadata: Any, mime: str, width: int) -> int | None:
    """The width on the page that the output asks for, as figures of double resolution do."""
    said = metadata.get(mime) if isinstance(metadata, Mapping) else None
    asked = said.get("width") if isinstance(said, Mapping) else None
    return asked if type(asked) is int and 0 < asked <= width else None


def _png_size(data: bytes) -> tuple[int, int]:
    """Width and height from the IHDR chunk, which is the first (PNG specification, 11.2.1)."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise ValueError("not a PNG")
    return struct.unpack(">II", data[16:24])


def _gif_size(data: bytes) -> tuple[int, int]:
    """Width and height from the logical screen descriptor (GIF89a, section 18)."""
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError("not a GIF")
    return struct.unpack("<HH", data[6:10])


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height from the start-of-frame segment (ITU-T T.81, B.2.2)."""
    if data[:3] != b"\xff\xd8\xff":
        raise ValueError("not a JPEG")
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
    raise ValueError("a JPEG without a frame")


_SIZES: dict[str, _Size] = {
    "image/png": _png_size,
    "image/jpeg": _jpeg_size,
    "image/gif": _gif_size,
}
RASTER = tuple(_SIZES)
"""The kinds of images that are shown."""
