import pytest

from wego_portal.foundation.collation import collation_key


@pytest.mark.parametrize(
    "in_order",
    [
        ["Oman", "Österreich", "Türkiye", "Turkmenistan", "Zambia"],
        ["seoul", "Seoul"],
        ["アルゼンチン", "イタリア", "ガーナ", "かな", "カナダ", "トルコ"],
        ["가나", "대한민국", "일본", "한국"],
    ],
)
def test_names_stand_where_a_reader_looks_for_them(in_order):
    assert sorted(reversed(in_order), key=collation_key) == in_order
