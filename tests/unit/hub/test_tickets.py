"""Areas as an operator types them."""

import pytest

from federation.errors import ErrorCode, FederationError
from province_hub.children.tickets import read_area
from tests.unit.views.world import PLACES, WARDS


@pytest.mark.parametrize(
    ("text", "stream", "localities", "includes_parts"),
    [
        ("vinh", "vinh", ("vinh",), True),
        ("nghe-an=40:parts", "nghe-an", ("40",), True),
        ("nghe-an-departments=40", "nghe-an-departments", ("40",), False),
        ("17443", "17443", ("17443@2025-07-01",), False),
        ("16681", "16681", (WARDS[0],), False),
        ("two=16681, 16690", "two", WARDS, False),
        (f"one={WARDS[0]}", "one", (WARDS[0],), False),
    ],
)
def test_area_names_dated_localities(
    text: str, stream: str, localities: tuple[str, ...], includes_parts: bool
) -> None:
    area = read_area(text, PLACES)
    assert (area.stream, area.localities) == (stream, localities)
    assert area.includes_parts is includes_parts


@pytest.mark.parametrize("text", ["", "=40", "x=", "x=40,,38", "x=99999"])
def test_unreadable_area_is_refused(text: str) -> None:
    with pytest.raises(FederationError) as caught:
        read_area(text, PLACES)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT
