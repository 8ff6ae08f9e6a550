"""Draws static/land.svg: the land of the earth as a grid of dots. Run once; the result is kept in the repository.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/draw_land.py package/land-110m.json > static/land.svg

Source: Natural Earth, land at 1:110 million (public domain), in the npm package world-atlas. The projection is that of
wego_portal/site/map_projection.py. Each run of dots in a row is one line of dashes without length; their caps are the
dots.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from wego_portal.site.map_projection import HEIGHT, WIDTH, unproject

STEP = 7.0  # units between dots of a row
ROW = 6.1  # units between rows; every second row is shifted by half a step
LOWEST_LATITUDE = -56  # Antarctica has no cities
Outline = list[tuple[float, float]]  # longitudes and latitudes in degrees


def rings(topology: dict) -> Iterator[Outline]:
    """All outlines of the land, of a topology as TopoJSON describes it."""
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + move[0], y * scale[1] + move[1]))
        arcs.append(points)
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            for ring in polygon:
                outline: Outline = []
                for index in ring:
                    for x, y in arcs[index] if index >= 0 else arcs[~index][::-1]:
                        # An outline that crosses the 180th meridian goes on beyond it instead of jumping back.
                        turns = round((outline[-1][0] - x) / 360) if outline else 0
                        outline.append((x + 360 * turns, y))
                yield outline


def is_land(outlines: list[Outline], longitude: float, latitude: float) -> bool:
    """Whether a point lies inside an odd number of outlines, which may go on beyond 180 degrees."""
    return any(_is_inside(outlines, longitude + turn, latitude) for turn in (-360, 0, 360))


def _is_inside(outlines: list[Outline], longitude: float, latitude: float) -> bool:
    inside = False
    for outline in outlines:
        x0, y0 = outline[-1]
        for x1, y1 in outline:
            if (y0 > latitude) != (y1 > latitude) and longitude < (x1 - x0) * (latitude - y0) / (y1 - y0) + x0:
                inside = not inside
            x0, y0 = x1, y1
    return inside


def runs(outlines: list[Outline]) -> Iterator[str]:
    """Path commands of the runs of dots, row by row."""
    row = 0
    y = STEP / 2
    while y < HEIGHT:
        x, start, length = STEP / 2 + (row % 2) * STEP / 2, None, 0
        while x < WIDTH + STEP:
            longitude, latitude = unproject(x, y)
            if x < WIDTH and latitude > LOWEST_LATITUDE and is_land(outlines, longitude, latitude):
                start, length = (x, 0) if start is None else (start, length + 1)
            elif start is not None:
                yield f"M{start:g} {y:.1f}h{length * STEP + 0.1:g}"
                start = None
            x += STEP
        row, y = row + 1, y + ROW


if __name__ == "__main__":
    outlines = list(rings(json.loads(Path(sys.argv[1]).read_text())))
    sys.stdout.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><path fill="none" stroke="#000" '
        f'stroke-width="4" stroke-linecap="round" stroke-dasharray="0 {STEP:g}" d="{"".join(runs(outlines))}"/></svg>\n'
    )
