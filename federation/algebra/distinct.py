"""How many different things there were, from a theta sketch.

A sketch holds the hashes of at most ``ENTRIES_MAX`` things: below that number the
count is exact; above it the sketch keeps the least hashes and θ, the least one left
out. A state is always in that form ("k least values"), also of one tier alone, so a
union of unions gives the bits of one union. Hashing, union and bounds are those of
Apache DataSketches with one seed for all, else hashes would not meet.

For things only (addresses, devices): whoever holds a sketch can test whether a thing he
guesses is in it, so people are never counted so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from datasketches import compact_theta_sketch, theta_union, update_theta_sketch

from federation.errors import ErrorCode, FederationError
from federation.model.row import State

_LOG2_ENTRIES = 11
_SEED = 9001
ENTRIES_MAX = 1 << _LOG2_ENTRIES
"""More things are estimated, with a standard error of 1/√2048 = 2.2 %."""

SKETCH_BYTES_MAX = 24 + 8 * ENTRIES_MAX

_THETA_OF_ALL = 2**63 - 1
_BOUNDS_STANDARD_DEVIATIONS = 2
# Serial version 3, family compact; flags read-only, compact and ordered; hash of the
# seed. Before them stands how many 8-byte words come before the entries.
_MARKS = bytes.fromhex("030300001acc93")


def of_keys(keys: Iterable[str]) -> State:
    """Return the state of things, each known by a text.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for an empty text, which is no thing.
    """
    sketch = update_theta_sketch(_LOG2_ENTRIES, seed=_SEED)
    for key in keys:
        if not key:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                "Không đếm được đối tượng không có mã. Hãy ghi mã hoặc bỏ dòng đó.",
                "A thing without an id can't be counted. Give its id or drop the row.",
            )
        sketch.update(key)
    return _united([sketch])


def merge(states: Iterable[State]) -> State:
    """Return the state of all together; what several hold counts once."""
    return _united(_sketch(state) for state in states if state.detail)


def _united(sketches: Iterable[compact_theta_sketch | update_theta_sketch]) -> State:
    union = theta_union(_LOG2_ENTRIES, seed=_SEED)
    for sketch in sketches:
        union.update(sketch)
    result = union.get_result(True)
    # The state of nothing is no bytes, as of the other measures.
    return State(value=0, detail=b"" if result.is_empty() else result.serialize())


def _sketch(state: State) -> compact_theta_sketch:
    # The library is in C++: only what was checked byte by byte is given to it.
    reason = wrong(state)
    if reason:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Bản phác thảo đếm đối tượng bị hỏng ({reason}). "
            "Hãy nạp lại kỳ này từ nguồn.",
            f"The sketch of things is broken ({reason}). "
            "Load the period again from its source.",
        )
    return compact_theta_sketch.deserialize(state.detail, _SEED)


def wrong(state: State) -> str:
    """Return what of a state from elsewhere can't be, or an empty text."""
    sketch = state.detail
    if not sketch:
        return ""
    if len(sketch) > SKETCH_BYTES_MAX or len(sketch) % 8 or len(sketch) < 16:
        return f"sketch of {len(sketch)} bytes"
    words = np.frombuffer(sketch, dtype="<u8")
    before = sketch[0]
    if before not in (1, 2, 3) or len(words) <= before or sketch[1:8] != _MARKS:
        return "header of the sketch"
    theta = int(words[2]) if before == 3 else _THETA_OF_ALL
    hashes = words[before:]
    if before != _words_before(len(hashes), theta):
        return "header of the sketch"
    if before > 1 and int(words[1]) != len(hashes):
        return "entries of the sketch"
    if hashes[0] == 0 or hashes[-1] >= theta or (hashes[1:] <= hashes[:-1]).any():
        return "hashes of the sketch"
    return ""


def _words_before(entries: int, theta: int) -> int:
    """Return the only number of words that may stand before so many entries."""
    if theta >= _THETA_OF_ALL:
        return 1 if entries == 1 else 2
    return 3 if entries == ENTRIES_MAX else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DistinctRead:
    """What a person reads: an estimate, and within which bounds (95 %) it lies.

    Up to ``ENTRIES_MAX`` things all three are the exact count.
    """

    estimate: int
    lower: int
    upper: int


def read(state: State) -> DistinctRead:
    """Return the estimate and its bounds."""
    if not state.detail:
        return DistinctRead(estimate=0, lower=0, upper=0)
    sketch = _sketch(state)
    # θ as a portion of all hashes; the exact quotient is the same on every machine.
    estimate = Fraction(sketch.num_retained * _THETA_OF_ALL, sketch.theta64)
    return DistinctRead(
        estimate=round(estimate),
        lower=int(sketch.get_lower_bound(_BOUNDS_STANDARD_DEVIATIONS)),
        upper=-int(-sketch.get_upper_bound(_BOUNDS_STANDARD_DEVIATIONS) // 1),
    )
