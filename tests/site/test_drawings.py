"""Skylines, monograms and the dot map: drawn, small, the same every time."""

import xml.etree.ElementTree as ElementTree

import pytest
from django.template import Context, Template

from wego_portal.foundation import skyline
from wego_portal.site.map_projection import HEIGHT, WIDTH, project, unproject

SLUGS = ["seoul", "smart-city-101", "beijing-tokyo-seoul", "x", "4th-wego-awards-meet-the-winners"]


@pytest.mark.parametrize("draw", [skyline.card, skyline.strip])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_skyline_is_small_hidden_and_needs_no_style(draw, slug):
    svg = draw(slug)
    root = ElementTree.fromstring(svg)
    assert len(svg) < 2048
    assert root.get("aria-hidden") == "true"
    assert not [element for element in root.iter() if element.get("style")]
    assert draw(slug) == svg


def test_different_slugs_get_different_skylines_in_all_palettes():
    slugs = [f"event-{number}" for number in range(60)]
    assert len({skyline.card(slug) for slug in slugs}) == len(slugs)
    assert {skyline.palette_number(slug) for slug in slugs} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Kyong-yul Lee", "KL"), ("Seoul", "S"), ("이경렬", "이"), ("東京都", "東"), ("Maria da Silva", "MS"), ("", "")],
)
def test_a_monogram_shows_initials(name, initials):
    drawn = Template("{% monogram name %}").render(Context({"name": name}))
    assert f'aria-hidden="true">{initials}</span>' in drawn


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(126.98, 37.57), (-113.47, 53.55), (-46.64, -23.55), (174.78, -41.29), (-17.45, 14.69)]
)
def test_a_city_lies_on_the_map_and_comes_back(longitude, latitude):
    x, y = project(longitude, latitude)
    assert 0 < x < WIDTH
    assert 0 < y < HEIGHT
    assert unproject(x, y) == pytest.approx((longitude, latitude))


def test_asia_lies_in_the_middle():
    assert WIDTH * 0.35 < project(126.98, 37.57)[0] < WIDTH * 0.65
