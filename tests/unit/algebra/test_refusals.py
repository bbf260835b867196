"""What must not be merged is refused: why, and what to do instead."""

from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest

from federation.algebra.merge import (
    merge_all,
    merge_over_place,
    merge_over_time,
    merge_window,
)
from federation.algebra.refusals import (
    check_contract,
    check_over_place,
    check_over_time,
)
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, MergeRule
from federation.model.period import parse_period
from federation.model.row import SeriesKey, State
from tests.indicators import an_indicator

MAY = parse_period("2026-05")
INTO = SeriesKey(indicator="a.b", locality="40")


def indicator(
    measure: Measure, over_time: MergeRule, over_place: MergeRule
) -> Indicator:
    return an_indicator(
        "a.b", measure=measure, over_time=over_time, over_place=over_place
    )


OVER_TIME = [
    (Measure.PUBLISHED, MergeRule.NONE, "published"),
    (Measure.COMPOSITE, MergeRule.COMPOSITE, "composite"),
    (Measure.LAST, MergeRule.SUM, "stock-over-time"),
    (Measure.LAST, MergeRule.NONE, "stock-over-time"),
    (Measure.WEIGHTED_MEAN, MergeRule.NONE, "average-of-averages"),
    (Measure.RATIO, MergeRule.SUM, "average-of-averages"),
    (Measure.SUM, MergeRule.NONE, "not-over-time"),
    (Measure.SUM, MergeRule.MAX, "rule-does-not-fit"),
]
OVER_PLACE = [
    (Measure.PUBLISHED, MergeRule.NONE, "published"),
    (Measure.COMPOSITE, MergeRule.COMPOSITE, "composite"),
    (Measure.LAST, MergeRule.LAST, "last-over-place"),
    (Measure.WEIGHTED_MEAN, MergeRule.NONE, "average-of-averages"),
    (Measure.RATIO, MergeRule.MAX, "average-of-averages"),
    (Measure.SUM, MergeRule.NONE, "not-over-place"),
    (Measure.MAX, MergeRule.SUM, "rule-does-not-fit"),
]


def refused(error: FederationError, axis: str, reason: str) -> None:
    assert error.code is ErrorCode.MERGE_REFUSED
    assert (error.where["axis"], error.where["reason"]) == (axis, reason)
    for text in (error.text_vi, error.text_en):
        assert "a.b" in text
        # A sentence of why, and one of what to do.
        assert text.count(". ") >= 1
    assert "Hãy" in error.text_vi


@pytest.mark.parametrize(("measure", "rule", "reason"), OVER_TIME)
def test_over_time(measure: Measure, rule: MergeRule, reason: str) -> None:
    contract = indicator(measure, rule, MergeRule.NONE)
    for call in (
        lambda: check_over_time(contract),
        lambda: merge_window(contract, [], periods=[MAY]),
        lambda: merge_over_time(contract, [], into=INTO, period=MAY, periods=[MAY]),
    ):
        with pytest.raises(FederationError) as caught:
            call()
        refused(caught.value, "time", reason)


@pytest.mark.parametrize(("measure", "rule", "reason"), OVER_PLACE)
def test_over_place(measure: Measure, rule: MergeRule, reason: str) -> None:
    contract = indicator(measure, MergeRule.NONE, rule)
    for call in (
        lambda: check_over_place(contract),
        lambda: merge_over_place(contract, [], into=INTO, period=MAY, expected=0),
    ):
        with pytest.raises(FederationError) as caught:
            call()
        refused(caught.value, "place", reason)


def test_a_contract_has_only_rules_that_its_measure_can_follow() -> None:
    allowed = []
    for measure, over_time, over_place in product(Measure, MergeRule, MergeRule):
        with suppress(FederationError):
            check_contract(indicator(measure, over_time, over_place))
            allowed.append((measure, over_time, over_place))
    assert (Measure.LAST, MergeRule.LAST, MergeRule.SUM) in allowed
    assert (Measure.RATIO, MergeRule.LAST, MergeRule.RATIO) in allowed
    assert (Measure.WEIGHTED_MEAN, MergeRule.WEIGHTED_MEAN, MergeRule.NONE) in allowed
    assert not any(over_place is MergeRule.LAST for _, _, over_place in allowed)
    for measure, over_time, over_place in allowed:
        if measure is Measure.PUBLISHED:
            assert {over_time, over_place} == {MergeRule.NONE}
        if measure is Measure.COMPOSITE:
            assert {over_time, over_place} == {MergeRule.COMPOSITE}


@pytest.mark.parametrize("rule", [MergeRule.NONE, MergeRule.COMPOSITE])
def test_states_of_a_rule_that_merges_nothing(rule: MergeRule) -> None:
    with pytest.raises(FederationError) as caught:
        merge_all(rule, [State(value=1), State(value=2)], "a.b")
    assert caught.value.code is ErrorCode.MERGE_REFUSED
    assert rule.slug in caught.value.text_en


def test_a_mean_over_places_needs_a_declared_weight() -> None:
    mean = an_indicator(
        "a.b",
        measure=Measure.WEIGHTED_MEAN,
        over_time=MergeRule.WEIGHTED_MEAN,
        over_place=MergeRule.WEIGHTED_MEAN,
        weight="person",
    )
    check_over_place(mean)
    check_contract(mean)
    for check in (check_over_place, check_contract):
        with pytest.raises(FederationError) as caught:
            check(replace(mean, weight=""))
        assert caught.value.code is ErrorCode.MERGE_REFUSED
        assert caught.value.where["reason"] == "average-of-averages"
