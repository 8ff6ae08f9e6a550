"""The dot map: where a city lies on the map of the land in static/land.svg.

The Gall stereographic projection with the Atlantic at both edges, so that Asia, where most of the network is, lies in
the middle.
"""

import math

WIDTH, HEIGHT = 1000, 520  # user units of the map
WEST = -32.0  # longitude of the left edge, in degrees
NORTH = 79.0  # latitude of the upper edge, in degrees
SCALE = WIDTH / 360  # user units a degree of longitude
STRETCH = SCALE * (180 / math.pi) * math.sqrt(2) * (1 + math.sqrt(2) / 2)


def project(longitude, latitude):
    """User units from the left and from the top of the map, of a point given in degrees (WGS 84)."""
    x = (longitude - WEST) % 360 * SCALE
    y = STRETCH * (math.tan(math.radians(NORTH) / 2) - math.tan(math.radians(latitude) / 2))
    return x, y


def unproject(x, y):
    """Longitude (-180 to 180) and latitude in degrees of a point of the map; the inverse of `project`."""
    longitude = (x / SCALE + WEST + 180) % 360 - 180
    latitude = math.degrees(2 * math.atan(math.tan(math.radians(NORTH) / 2) - y / STRETCH))
    return longitude, latitude
