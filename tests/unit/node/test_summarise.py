"""What a series and period come to."""

from datetime import UTC, datetime

import pytest

from city_node.contract import Record
from city_node.intake.contributions import contribution
from city_node.observations.stored import KeptObservation, kept
from city_node.summaries.dirty import dirty_periods
from city_node.summaries.recompute import summaries
from city_node.summaries.summarise import series_of
from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX, VINTAGE_ESTIMATE, Row, State
from federation.model.status import Provenance, Status
from tests.unit.node.sample import NOW, SUBSYSTEM, context, figure

MEASURED = {each.indicator.id: each for each in SUBSYSTEM.indicators}
JULY = datetime(2026, 7, 1, tzinfo=UTC)
AUGUST = datetime(2026, 8, 1, tzinfo=UTC)


def observed(*records: Record) -> list[KeptObservation]:
    return [
        kept(record, observation, NOW)
        for record in records
        for observation in contribution(SUBSYSTEM, record, context()).observations
    ]


def rows(*records: Record) -> list[Row]:
    observations = observed(*records)
    dirty = dirty_periods(observations, MEASURED, now=NOW)
    return summaries(MEASURED, dirty, observations, firsts={}, now=NOW)


def row(*records: Record) -> Row:
    (only,) = rows(*records)
    return only


def values(measure: str, *given: int, **said: object) -> Row:
    return row(
        *(
            figure(
                f"{n}", measure=measure, value=value, day=f"2026-10-{n + 1:02}", **said
            )
            for n, value in enumerate(given)
        )
    )


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("sum", 12), ("max", 7), ("min", 2), ("last", 3)],
)
def test_facts_of_a_period_merge_by_their_measure(measure: str, expected: int) -> None:
    state = values(measure, 7, 2, 3).state
    assert state is not None
    assert state.value == expected


def test_parts_of_a_ratio_are_summed_apart() -> None:
    assert values("ratio", 1, 2, second=4).state == State(value=3, second=8)


def test_a_mean_over_too_little_weight_is_missing() -> None:
    thin = values("weighted_mean", 10, 20, second=1)
    assert (thin.state, thin.status, thin.reported) == (None, Status.MISSING, 0)
    enough = values("weighted_mean", 10, 20, 30, second=1)
    assert enough.state == State(value=60, second=3)


def test_a_published_figure_is_never_merged() -> None:
    first = figure("a", measure="published", value=5, published_at=JULY)
    second = figure("b", measure="published", value=7, published_at=AUGUST)
    only = row(second, first)
    assert only.state == State(value=7)


@pytest.mark.parametrize("swapped", [False, True])
def test_realised_beats_estimate_in_whatever_order(swapped: bool) -> None:
    estimate = figure(
        "e", value=5, status="ESTIMATED", fact="x", rank=1, published_at=AUGUST
    )
    realised = figure("r", value=7, fact="x", rank=2, published_at=JULY)
    pair = (realised, estimate) if swapped else (estimate, realised)
    main, vintage = rows(*pair)
    assert main.state == State(value=7)
    assert main.status is Status.NORMAL
    assert vintage.series.breakdown == VINTAGE_ESTIMATE
    assert vintage.state == State(value=5)
    assert vintage.status is Status.ESTIMATED


def test_a_lone_estimate_stands_as_an_estimate() -> None:
    estimate = figure("e", value=5, status="ESTIMATED", fact="x", rank=1)
    main, vintage = rows(estimate)
    assert main.status is vintage.status is Status.ESTIMATED
    assert main.state == vintage.state == State(value=5)


def test_what_was_published_last_stands_among_equals() -> None:
    old = figure("z", value=5, fact="x", rank=2, published_at=JULY)
    new = figure("a", value=7, fact="x", rank=2, published_at=AUGUST)
    undated = figure("y", value=9, fact="x", rank=2)
    assert row(new, undated, old).state == State(value=7)


def test_missing_is_not_zero() -> None:
    missing = row(figure("m", value=None))
    zero = row(figure("z", value=0, status="ZERO"))
    assert (missing.state, missing.status, missing.expected) == (
        None,
        Status.MISSING,
        1,
    )
    assert (zero.state, zero.status) == (State(value=0), Status.ZERO)


def test_what_is_missing_does_not_hide_what_is_there() -> None:
    both = row(figure("m", value=None), figure("v", value=4))
    assert (both.state, both.status) == (State(value=4), Status.NORMAL)


def test_the_last_observation_to_go_leaves_a_deletion() -> None:
    dirty = dirty_periods(observed(figure("g")), MEASURED, now=NOW)
    (gone,) = summaries(MEASURED, dirty, (), firsts={}, now=NOW)
    assert (gone.state, gone.status, gone.expected) == (None, Status.DELETED, 0)


def test_a_row_is_as_doubtful_as_the_most_doubtful_of_its_observations() -> None:
    mixed = row(
        figure("a", status="PROVISIONAL"),
        figure("b", provenance=Provenance.MANUAL),
    )
    assert (mixed.status, mixed.provenance) == (
        Status.PROVISIONAL,
        Provenance.MANUAL,
    )
    assert mixed.counts.with_state == 1


def test_a_sum_that_leaves_64_bits_is_refused() -> None:
    with pytest.raises(FederationError) as caught:
        row(figure("a", value=INT64_MAX), figure("b", value=1))
    assert caught.value.code is ErrorCode.OVERFLOW


def test_an_estimate_of_a_station_has_no_series_of_estimates() -> None:
    (kept_one,) = observed(
        figure("s", fact="x", rank=1, status="ESTIMATED", breakdown="station=a")
    )
    assert len(series_of(kept_one)) == 1
