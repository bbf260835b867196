"""What a figure can be: beyond it the source or its unit is wrong.

Temperature and rain are wider than the extremes of Vietnam (records of the
meteorological service); PM2.5 is the range of common optical sensors.
"""

from decimal import Decimal

from city_node.sources.numbers import NONE_OCCURRED, scaled
from federation.errors import ErrorCode, FederationError

_DIGITS = 9

RANGES: dict[str, tuple[Decimal, Decimal]] = {
    "temperature": (Decimal(-20), Decimal(50)),
    "rain": (Decimal(0), Decimal(5000)),
    "humidity": (Decimal(0), Decimal(100)),
    "pm25": (Decimal(0), Decimal(2000)),
}


def within(name: str, text: str | None) -> str | None:
    """Return a number that can be; a dash is no statement of a measured quantity.

    Raises:
        FederationError: ``INPUT_ROW`` for no number, or one outside the range.
    """
    if text is None or text == NONE_OCCURRED:
        return None
    low, high = RANGES[name]
    if not low * 10**_DIGITS <= scaled(text, _DIGITS) <= high * 10**_DIGITS:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"“{name}” = {text} nằm ngoài khoảng {low}…{high}. Hãy kiểm tra đơn vị.",
            f"“{name}” = {text} is outside {low}…{high}. Check the unit.",
            {"field": name, "value": text},
        )
    return text
