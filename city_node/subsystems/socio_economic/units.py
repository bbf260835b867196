"""Units of money as tables write them, with exact factors to the indicators' units."""

from collections.abc import Mapping
from fractions import Fraction

from city_node.sources.headings import words
from federation.errors import ErrorCode, FederationError

BILLION_VND = "tỷ đồng"
MILLION_USD = "triệu USD"

TO_BILLION_VND = {
    "nghin ty dong": Fraction(1000),
    "ty dong": Fraction(1),
    "trieu dong": Fraction(1, 1000),
    "nghin dong": Fraction(1, 1_000_000),
    "dong": Fraction(1, 1_000_000_000),
}
TO_MILLION_USD = {
    "ty usd": Fraction(1000),
    "ty do la my": Fraction(1000),
    "trieu usd": Fraction(1),
    "trieu do la my": Fraction(1),
    "nghin usd": Fraction(1, 1000),
    "usd": Fraction(1, 1_000_000),
}


def factor_of(unit: str, factors: Mapping[str, Fraction]) -> Fraction:
    """Return the factor of a unit's name.

    Raises:
        FederationError: ``INPUT_ROW`` for a unit that is not of this kind.
    """
    factor = factors.get(words(unit).removeprefix("don vi tinh ").strip())
    if factor is None:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Không nhận ra đơn vị tính “{unit}”. Hãy ghi một trong: "
            f"{', '.join(factors)}.",
            f"The unit “{unit}” is not known here. Use one of: {', '.join(factors)}.",
            {"unit": unit},
        )
    return factor
