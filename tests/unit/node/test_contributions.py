"""The rules that hold for the records of every subsystem."""

from dataclasses import replace
from datetime import timedelta

import pytest

from city_node.contract import Record
from city_node.intake.contributions import contribution
from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX, SIMULATED_FEED
from federation.model.status import Provenance
from tests.unit.node.sample import NOW, SUBSYSTEM, context, figure


def refusal(record: Record) -> FederationError:
    with pytest.raises(FederationError) as caught:
        contribution(SUBSYSTEM, record, context())
    assert caught.value.text_vi
    assert caught.value.text_en
    return caught.value


def test_a_date_in_the_future_is_refused() -> None:
    error = refusal(figure("f", day="2026-12-05"))
    assert error.code is ErrorCode.INPUT_ROW
    assert "2026-12-05" in error.text_en
    assert "tương lai" in error.text_vi


def test_a_source_whose_clock_is_a_little_ahead_is_not_refused() -> None:
    assert contribution(SUBSYSTEM, figure("f", day="2026-11-23"), context())


def test_a_publication_from_the_future_is_refused() -> None:
    refusal(figure("f", published_at=NOW + timedelta(days=2)))


def test_a_code_of_before_the_reform_is_refused_after_it() -> None:
    error = refusal(figure("f", locality="412", day="2025-08-01"))
    assert "2025-08" in error.text_en


def test_a_place_of_today_is_refused_before_it_was_made() -> None:
    refusal(figure("f", day="2024-08-01"))


def test_an_unknown_locality_is_refused_by_name() -> None:
    assert "99999" in refusal(figure("f", locality="99999")).text_en


def test_a_place_of_another_node_is_passed_over() -> None:
    said = contribution(SUBSYSTEM, figure("f", locality="17443@2025-07-01"), context())
    assert said.is_foreign


def test_a_number_out_of_range_is_refused() -> None:
    error = refusal(figure("f", value=INT64_MAX + 1))
    assert error.code is ErrorCode.OVERFLOW


def test_a_count_below_zero_is_refused() -> None:
    refusal(figure("f", value=-1))


def test_generated_figures_stand_on_a_series_of_their_own() -> None:
    record = replace(figure("f"), provenance=Provenance.SIMULATED)
    (only,) = contribution(SUBSYSTEM, record, context()).observations
    assert only.breakdown == SIMULATED_FEED


def test_a_real_figure_cannot_enter_a_generated_series() -> None:
    refusal(figure("f", breakdown=SIMULATED_FEED))


def test_a_generated_figure_cannot_enter_a_real_series() -> None:
    refusal(figure("f", breakdown="station=a", provenance=Provenance.SIMULATED))


def test_an_undeclared_dimension_is_refused() -> None:
    refusal(figure("f", breakdown="vintage=estimate"))
    assert contribution(SUBSYSTEM, figure("f", breakdown="station=a"), context())


def test_a_value_without_a_figure_needs_a_reason() -> None:
    refusal(figure("f", value=None, status="NORMAL"))
    refusal(figure("f", value=3, status="MISSING"))
