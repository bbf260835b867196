"""Integers that fit where they are kept: 64 bits with a sign."""

from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX, INT64_MIN


def checked(value: int, what: str) -> int:
    """Return a value that fits in 64 bits, or raise ``OVERFLOW``."""
    if INT64_MIN <= value <= INT64_MAX:
        return value
    raise FederationError(
        ErrorCode.OVERFLOW,
        f"Kết quả gộp của {what} vượt phạm vi số nguyên 64 bit.",
        f"The merged state of {what} does not fit in 64 bits.",
        {"what": what},
    )
