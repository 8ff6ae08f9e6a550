"""Draws the pictures in static/ that are made of the portal's own shapes. Run once; the results are kept.

    python scripts/draw_pictures.py

- touch-icon.png: the mark of the portal, for home screens of phones
- share.png: the mark over the dots of the land, shown where a page of the portal is shared
- skyline.svg: the houses along the foot of every page
"""

import hashlib
import re
import sys
from itertools import cycle
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from wego_portal.foundation import skyline  # noqa: E402

STATIC = ROOT / "static"
GREEN, SUN, WHITE = "#08463d", "#ffb524", "#ffffff"
HOUSES = [
    [(6, 24), (6, 14), (11, 14), (11, 24)],
    [(13, 24), (13, 9), (21, 9), (21, 24)],
    [(23, 24), (23, 17), (28, 17), (28, 24)],
]


def draw_mark(draw: ImageDraw.ImageDraw, x: float, y: float, scale: float) -> None:
    """The mark's houses and sun (34 units square) at a place, so many pixels a unit."""
    width = round(2.4 * scale)
    for house in HOUSES:
        draw.line([(x + a * scale, y + b * scale) for a, b in house], fill=WHITE, width=width, joint="curve")
        for a, b in house[1:3]:
            half = width / 2
            draw.rectangle(
                [x + a * scale - half, y + b * scale - half, x + a * scale + half, y + b * scale + half], fill=WHITE
            )
    draw.ellipse([x + 22.5 * scale, y + 7.5 * scale, x + 28.5 * scale, y + 13.5 * scale], fill=SUN)


def draw_touch_icon() -> None:
    """180 pixels square, drawn four times as large and made smaller, so that its edges are smooth."""
    image = Image.new("RGB", (720, 720), GREEN)
    draw_mark(ImageDraw.Draw(image), 0, 36, 720 / 34)
    image.resize((180, 180), Image.Resampling.LANCZOS).save(STATIC / "touch-icon.png", optimize=True)


def draw_share_picture() -> None:
    """1200 by 630 pixels: the land in dots, and the mark."""
    factor = 2
    image = Image.new("RGB", (1200 * factor, 630 * factor), GREEN)
    draw = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", (STATIC / "land.svg").read_text()):
        for number in range(int(float(length) // 7) + 1):
            cx, cy = (float(x) + 7 * number) * 1.5 * factor - 90 * factor, float(y) * 1.5 * factor - 40 * factor
            draw.ellipse([cx - 3 * factor, cy - 3 * factor, cx + 3 * factor, cy + 3 * factor], fill="#1f655a")
    draw_mark(draw, 330 * factor, 75 * factor, 15.5 * factor)
    image.resize((1200, 630), Image.Resampling.LANCZOS).quantize(32).save(STATIC / "share.png", optimize=True)


def draw_foot() -> None:
    """One tile of houses, 1440 by 110 units, as a mask: only its shape is used."""
    numbers = cycle(hashlib.blake2b(b"the foot of every page").digest())
    houses = "".join(
        house[0] for house in skyline.street(numbers, 1440, 110, 96, (20, 28, 40, 56, 72), (0, 1, 2, 3, 4, 6, 0))
    )
    (STATIC / "skyline.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1440" height="110" viewBox="0 0 1440 110">'
        f'<path d="{houses}"/></svg>\n'
    )


if __name__ == "__main__":
    draw_touch_icon()
    draw_share_picture()
    draw_foot()
