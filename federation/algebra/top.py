"""Which of some declared codes came how often: exact counters, the rest in ``other``.

A state counts by position in the indicator's list of codes (which its contract hash
holds); the position after the last stands for all other codes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from federation.algebra.tally import add, pack, unpack
from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX, State

CODES_MAX = 200
"""A contract may declare as many codes; exact counters of more would not stay small."""

DETAIL_BYTES_MAX = (CODES_MAX + 1) * 11

OTHER = "other"
"""What is shown in place of a code for all that the contract does not declare."""


def of_codes(codes: Iterable[str], declared: Sequence[str]) -> State:
    """Return the state of one code a thing."""
    return of_counts(Counter(codes), declared)


def of_counts(counts: Mapping[str, int], declared: Sequence[str]) -> State:
    """Return the state of numbers by code.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for a number below zero.
    """
    positions = {code: position for position, code in enumerate(declared)}
    by_position: Counter[int] = Counter()
    for code, count in counts.items():
        if not 0 <= count <= INT64_MAX:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"Số lượng của mã “{code}” là {count}; phải từ 0 trở lên.",
                f"The number of code “{code}” is {count}; it must be 0 or more.",
                {"code": code},
            )
        by_position[positions.get(code, len(declared))] += count
    return State(value=0, detail=pack(by_position))


def merge(states: Iterable[State], what: str) -> State:
    """Return the state of all together.

    Raises:
        FederationError: ``OVERFLOW`` when the counts together leave 64 bits.
    """
    return State(value=0, detail=add((state.detail for state in states), what))


def read(state: State, declared: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return codes with their counts, greatest first and ``other`` always last."""
    counts = unpack(state.detail)
    other = counts.pop(len(declared), 0)
    # Equal counts stand in the order of the contract.
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    named = tuple((declared[position], count) for position, count in ordered)
    return (*named, (OTHER, other)) if other else named


def total(state: State) -> int:
    """Return how many were counted, with those of other codes."""
    return sum(unpack(state.detail).values())


def wrong(state: State, declared: Sequence[str]) -> str:
    """Return what of a state from elsewhere can't be, or an empty text."""
    if len(state.detail) > DETAIL_BYTES_MAX:
        return f"counters of {len(state.detail)} bytes"
    try:
        counts = unpack(state.detail)
    except FederationError as error:
        return error.text_en
    if any(position > len(declared) for position in counts):
        return f"code beyond the {len(declared)} declared"
    if sum(counts.values()) > INT64_MAX:
        return "more than 64 bits count"
    return ""
