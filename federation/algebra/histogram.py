"""Quantiles from an integer log-linear histogram.

Values are scaled integers from 0 to 2**63 - 1. Those below 256 have a bucket each.
From there on every power of two is cut into 128 buckets of equal width, so a bucket is
at most 1/128 of its least value wide and its middle at most 1/256 from any value in it:
that is the error of every quantile, and there is none below 256. Bucket numbers come
from shifts of integers; no floating-point number is made anywhere, so every machine
gives the same bits (after HdrHistogram by Gil Tene, with buckets of its own numbering).

A merge adds counts, so it is exact, commutative and associative; the error does not
grow with the number of merges.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from federation.algebra.tally import add, pack, unpack
from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX, State

RELATIVE_ERROR_MAX = Fraction(1, 256)
"""A quantile read out differs from the true value by less than this part of it."""

_PRECISION_BITS = 7
_STEPS = 1 << _PRECISION_BITS


def _bucket(value: int) -> int:
    exponent = max(0, value.bit_length() - _PRECISION_BITS - 1)
    return (exponent << _PRECISION_BITS) + (value >> exponent)


BUCKET_MAX = _bucket(INT64_MAX)
"""The last bucket; so a state has at most 7,296 of them."""

DETAIL_BYTES_MAX = (BUCKET_MAX + 1) * 11
"""A state of all buckets with the greatest counts; usual ones need below 1 kB."""


def of_values(values: Iterable[int]) -> State:
    """Return the state of scaled values.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for a value below zero or above 64 bits.
    """
    counts: Counter[int] = Counter()
    for value in values:
        if not 0 <= value <= INT64_MAX:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"Giá trị {value} không đưa được vào phân bố: phải từ 0 trở lên.",
                f"The value {value} can't enter a distribution: it must be 0 or more.",
                {"value": value},
            )
        counts[_bucket(value)] += 1
    return State(value=0, detail=pack(counts))


def merge(states: Iterable[State], what: str) -> State:
    """Return the state of all together.

    Raises:
        FederationError: ``OVERFLOW`` when the counts together leave 64 bits.
    """
    return State(value=0, detail=add((state.detail for state in states), what))


def count(state: State) -> int:
    """Return how many values a state holds."""
    return sum(unpack(state.detail).values())


def quantile(state: State, portion: Fraction) -> Fraction | None:
    """Return a quantile in scaled integers; None where there are no values.

    It is the middle of the bucket that holds the value of rank ⌈portion · count⌉
    ("nearest rank", so it always speaks of a value that was there).
    """
    counts = unpack(state.detail)
    rank = max(1, -(-portion * sum(counts.values()) // 1))
    for bucket, here in counts.items():
        rank -= here
        if rank <= 0:
            return _middle(bucket)
    return None


def wrong(state: State) -> str:
    """Return what of a state from elsewhere can't be, or an empty text."""
    if len(state.detail) > DETAIL_BYTES_MAX:
        return f"histogram of {len(state.detail)} bytes"
    try:
        counts = unpack(state.detail)
    except FederationError as error:
        return error.text_en
    if any(bucket > BUCKET_MAX for bucket in counts):
        return f"bucket above {BUCKET_MAX}"
    if sum(counts.values()) > INT64_MAX:
        return "more values than 64 bits count"
    return ""


def _middle(bucket: int) -> Fraction:
    exponent = max(0, (bucket >> _PRECISION_BITS) - 1)
    least = (bucket - (exponent << _PRECISION_BITS)) << exponent
    return Fraction(2 * least + (1 << exponent) - 1, 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantilesRead:
    """What a person reads: the half and the nine tenths lie at or below."""

    p50: Fraction | None
    p90: Fraction | None
    count: int


def read(state: State) -> QuantilesRead:
    """Return the quantiles shown, in scaled integers."""
    return QuantilesRead(
        p50=quantile(state, Fraction(1, 2)),
        p90=quantile(state, Fraction(9, 10)),
        count=count(state),
    )
