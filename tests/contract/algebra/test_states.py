"""Histograms, sketches and counters: what they say, and how far from the truth."""

import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.algebra import distinct, histogram, tally, top
from federation.algebra.merge import merge_all
from federation.algebra.soundness import wrong_contract, wrong_state
from federation.algebra.value import decimal_value, exact_value
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Component, Measure, MergeRule
from federation.model.row import INT64_MAX, State
from tests.contract.algebra.worlds import CODES, CONTRACTS, EXAMPLES, keys, law
from tests.indicators import an_indicator

values = st.lists(
    st.integers(0, 300)
    | st.integers(0, INT64_MAX)
    | st.integers(0, 62).map(lambda bits: 1 << bits),
    max_size=40,
)
portions = st.fractions(0, 1, max_denominator=100)
EMPTY = State(value=0)


def nearest_rank(given_values: list[int], portion: Fraction) -> int:
    """Return the quantile of the values themselves."""
    ordered = sorted(given_values)
    return ordered[max(1, -(-portion * len(ordered) // 1)) - 1]


@law
@given(values, portions)
def test_a_quantile_is_within_the_stated_error_of_the_true_one(
    given_values: list[int], portion: Fraction
) -> None:
    read = histogram.quantile(histogram.of_values(given_values), portion)
    if not given_values:
        assert read is None
        return
    true = nearest_rank(given_values, portion)
    assert read is not None
    assert abs(read - true) * 256 < max(true, 1)
    assert Fraction(1, 256) == histogram.RELATIVE_ERROR_MAX
    if true < 256:
        assert read == true


@law
@given(values, values)
def test_histograms_merged_are_the_histogram_of_all(
    left: list[int], right: list[int]
) -> None:
    parts = [histogram.of_values(left), histogram.of_values(right)]
    whole = histogram.of_values(left + right)
    assert merge_all(MergeRule.QUANTILES, parts, "x") == whole
    assert histogram.count(whole) == len(left) + len(right)
    assert histogram.wrong(whole) == ""


def test_every_bucket_is_narrow_enough_and_follows_the_one_before() -> None:
    edges = [
        edge + step
        for bits in range(63)
        for edge in ((1 << bits), (1 << bits) * 129 // 128, (1 << bits) * 255 // 128)
        for step in (-1, 0, 1)
        if 0 <= edge + step <= INT64_MAX
    ]
    bucket_of = [
        (value, next(iter(tally.unpack(histogram.of_values([value]).detail))))
        for value in sorted({*edges, 0, INT64_MAX})
    ]
    numbers = [bucket for _, bucket in bucket_of]
    assert numbers == sorted(numbers)
    assert numbers[0] == 0
    assert numbers[-1] == histogram.BUCKET_MAX == 7295
    for value, _ in bucket_of:
        read = histogram.quantile(histogram.of_values([value]), Fraction(1, 2))
        assert read is not None
        assert abs(read - value) * 256 < max(value, 1)


def test_what_lies_below_zero_is_in_no_distribution() -> None:
    for value in (-1, INT64_MAX + 1):
        with pytest.raises(FederationError) as caught:
            histogram.of_values([value])
        assert caught.value.code is ErrorCode.INVALID_ARGUMENT


@law
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), max_size=5))
def test_sketches_merged_are_the_sketch_of_all_things(
    ranges: list[tuple[int, int]],
) -> None:
    # In hundreds, so that most unions pass the number that is counted exactly.
    lists = [keys(100 * first, 100 * count) for first, count in ranges]
    parts = [_sketch(first, count) for first, count in ranges]
    whole = distinct.of_keys(set().union(*lists))
    assert merge_all(MergeRule.DISTINCT, parts, "x") == whole if parts else True
    assert distinct.wrong(whole) == ""
    true = len(set().union(*lists))
    read = distinct.read(whole)
    if true <= distinct.ENTRIES_MAX:
        assert (read.estimate, read.lower, read.upper) == (true, true, true)
    else:
        assert read.lower <= read.estimate <= read.upper
        # Five standard errors: these keys are the same at every run.
        assert abs(read.estimate - true) / true < 5 / distinct.ENTRIES_MAX**0.5


_sketches: dict[tuple[int, int], State] = {}


def _sketch(first: int, count: int) -> State:
    if (first, count) not in _sketches:
        _sketches[first, count] = distinct.of_keys(keys(100 * first, 100 * count))
    return _sketches[first, count]


def test_the_true_number_lies_in_the_bounds_nineteen_times_of_twenty() -> None:
    random = Random(7)
    trials, within, errors = 100, 0, []
    for trial in range(trials):
        true = random.randrange(3_000, 20_000)
        read = distinct.read(distinct.of_keys(f"{trial}/{n}" for n in range(true)))
        within += read.lower <= true <= read.upper
        errors.append((read.estimate / true - 1) ** 2)
    assert within >= 90
    assert (sum(errors) / trials) ** 0.5 < 0.025


def test_a_thing_without_an_id_is_no_thing() -> None:
    with pytest.raises(FederationError) as caught:
        distinct.of_keys(["10.0.0.1", ""])
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


@law
@given(st.lists(st.sampled_from((*CODES, "graffiti", "noise", "other"))))
def test_counters_are_exact_and_what_is_not_declared_is_other(codes: list[str]) -> None:
    half = len(codes) // 2
    state = merge_all(
        MergeRule.TOP,
        [top.of_codes(codes[:half], CODES), top.of_codes(codes[half:], CODES)],
        "x",
    )
    assert state == top.of_codes(codes, CODES)
    true = Counter(code if code in CODES else top.OTHER for code in codes)
    read = top.read(state, CODES)
    assert dict(read) == true
    assert top.total(state) == len(codes)
    named = [count for code, count in read if code != top.OTHER]
    assert named == sorted(named, reverse=True)
    assert top.OTHER not in [code for code, _ in read[:-1]]


def test_equal_counts_stand_in_the_order_of_the_contract() -> None:
    state = top.of_codes(["light", "road", "x", "waste", "road"], CODES)
    assert top.read(state, CODES) == (
        ("road", 2),
        ("waste", 1),
        ("light", 1),
        ("other", 1),
    )


@pytest.mark.parametrize("name", ["quantiles", "distinct", "top"])
def test_the_state_of_nothing_changes_nothing(name: str) -> None:
    contract = CONTRACTS[name]
    some = {
        "quantiles": histogram.of_values([3, 70_000]),
        "distinct": distinct.of_keys(["a", "b"]),
        "top": top.of_codes(["road", "x"], CODES),
    }[name]
    for pair in ([EMPTY, some], [some, EMPTY]):
        assert merge_all(contract.over_place, pair, "x") == some
    assert merge_all(contract.over_place, [EMPTY, EMPTY], "x") == EMPTY
    assert wrong_state(contract, EMPTY) == ""
    assert exact_value(contract, EMPTY) == (None if name == "quantiles" else 0)


def test_a_count_that_leaves_64_bits_is_an_error() -> None:
    full = State(value=0, detail=tally.pack({5: INT64_MAX}))
    for rule in (MergeRule.QUANTILES, MergeRule.TOP):
        with pytest.raises(FederationError) as caught:
            merge_all(rule, [full, top.of_codes(["road"], CODES)], "a.b")
        assert caught.value.code is ErrorCode.OVERFLOW


def test_what_a_person_reads_is_median_estimate_and_total() -> None:
    minutes = an_indicator("a.q", measure=Measure.QUANTILES, scale=1, decimals=1)
    assert decimal_value(minutes, histogram.of_values([15, 25, 200])) == Decimal("2.5")
    assert decimal_value(minutes, EMPTY) is None
    things = distinct.of_keys(keys(0, 30))
    assert decimal_value(CONTRACTS["distinct"], things) == 30
    assert decimal_value(CONTRACTS["top"], top.of_codes(["road", "?"], CODES)) == 2


# What nobody's node made: each must be told, and never reach a merge or a reader.

_ONE = distinct.of_keys(["a"]).detail
_TWO = distinct.of_keys(["a", "b"]).detail
_MANY = distinct.of_keys(str(number) for number in range(5_000)).detail
BROKEN_SKETCHES = {
    "text": b"not a sketch at all, but 8-byte",
    "too short": _TWO[:8],
    "cut": _MANY[:-8],
    "odd length": _TWO + b"\0",
    "longer than any": _MANY + bytes(8),
    "another seed": _TWO[:6] + b"\0\0" + _TWO[8:],
    "another version": b"\2\4" + _TWO[2:],
    "flag of emptiness": _TWO[:5] + b"\x1e" + _TWO[6:],
    "more entries than told": _TWO[:8] + b"\3" + _TWO[9:],
    "not ascending": _TWO[:16] + _TWO[24:] + _TWO[16:24],
    "twice the same": _TWO[:16] + _TWO[16:24] * 2,
    "no hash": _ONE[:8] + bytes(8),
    "hash above theta": _MANY[:-8] + b"\xff" * 8,
    "theta of all": _MANY[:16] + b"\xff" * 7 + b"\x7f" + _MANY[24:],
    "theta of few": b"\3" + _TWO[1:16] + b"\xff" * 7 + b"\x3f" + _TWO[16:],
    "one in two words": b"\2" + _ONE[1:8] + b"\1" + bytes(7) + _ONE[8:],
}


@pytest.mark.parametrize("name", BROKEN_SKETCHES)
def test_a_broken_sketch_is_told_before_it_is_read(name: str) -> None:
    state = State(value=0, detail=BROKEN_SKETCHES[name])
    assert wrong_state(CONTRACTS["distinct"], state)
    for call in (distinct.read, lambda broken: distinct.merge([broken])):
        with pytest.raises(FederationError) as caught:
            call(state)
        assert caught.value.code is ErrorCode.INVALID_ARGUMENT


@law
@given(
    st.sampled_from([_ONE, _TWO, _MANY]),
    st.integers(0, 60),
    st.binary(min_size=1, max_size=9),
)
def test_a_sketch_with_changed_bytes_is_told_or_is_one(
    sketch: bytes, place: int, noise: bytes
) -> None:
    state = State(value=0, detail=sketch[:place] + noise + sketch[place + len(noise) :])
    if not distinct.wrong(state):
        read = distinct.read(state)
        assert 0 <= read.lower <= read.estimate <= read.upper
        assert distinct.merge([state]) == state


def test_a_sketch_that_claims_all_there_is_can_still_be_read() -> None:
    hashes = b"".join(number.to_bytes(8, "little") for number in range(1, 2049))
    header = _MANY[:16] + (2049).to_bytes(8, "little")
    state = State(value=0, detail=header + hashes)
    assert distinct.wrong(state) == ""
    read = distinct.read(state)
    assert read.lower <= read.estimate <= read.upper
    json.dumps(read.upper)


@law
@given(st.binary(max_size=60))
def test_bytes_that_are_no_tally_are_told(packed: bytes) -> None:
    for name in ("quantiles", "top"):
        state = State(value=0, detail=packed)
        if not wrong_state(CONTRACTS[name], state):
            assert tally.pack(tally.unpack(packed)) == packed
            exact_value(CONTRACTS[name], state)


@law
@given(st.dictionaries(st.integers(0, 2**32), st.integers(0, INT64_MAX), max_size=8))
def test_a_tally_comes_back_as_it_was_packed(counts: dict[int, int]) -> None:
    assert tally.unpack(tally.pack(counts)) == {
        key: count for key, count in counts.items() if count
    }


def test_buckets_and_codes_that_cannot_be_are_told() -> None:
    beyond = State(value=0, detail=tally.pack({histogram.BUCKET_MAX + 1: 1}))
    assert wrong_state(CONTRACTS["quantiles"], beyond)
    assert wrong_state(
        CONTRACTS["top"], State(value=0, detail=tally.pack({len(CODES) + 1: 1}))
    )
    huge = State(value=0, detail=tally.pack({0: INT64_MAX, 1: 1}))
    long = State(value=0, detail=tally.pack(dict.fromkeys(range(90_000), 1)))
    for state in (huge, long):
        assert wrong_state(CONTRACTS["quantiles"], state)
        assert wrong_state(CONTRACTS["top"], state)


def test_a_contract_that_would_not_stay_small_is_told() -> None:
    codes = tuple(f"c{number}" for number in range(top.CODES_MAX + 1))
    assert wrong_contract(an_indicator("a.b", measure=Measure.TOP, codes=codes))
    assert not wrong_contract(an_indicator("a.b", measure=Measure.TOP, codes=codes[1:]))
    assert wrong_contract(an_indicator("a.b", measure=Measure.DISTINCT, scale=2))
    flat = Component(indicator="a.part", points=5, zero_at=3, full_at=3)
    composite = an_indicator("a.b", measure=Measure.COMPOSITE, composed_of=(flat,))
    assert wrong_contract(composite)
    many = tuple(
        Component(indicator=f"a.p{n}", points=1, zero_at=0, full_at=1)
        for n in range(101)
    )
    assert wrong_contract(an_indicator("a.b", composed_of=many))


def test_enough_examples_are_tried() -> None:
    assert EXAMPLES >= 500
