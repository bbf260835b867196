from collections import Counter
from datetime import UTC, date, datetime

import pytest

from city_node.simulation import simulate
from city_node.subsystems.environment import SUBSYSTEM as ENVIRONMENT
from city_node.subsystems.socio_economic import SUBSYSTEM as SOCIO_ECONOMIC
from federation.errors import FederationError
from federation.model.row import SIMULATED_FEED
from federation.model.status import Provenance
from tests.subsystems.localities import NOW, PLACES
from tests.subsystems.summaries import Rows

SINCE = date(2026, 9, 1)
# Nothing is generated beside the tables of these.
ONLY_PUBLISHED = {
    "environment.waste_collected",
    "environment.waste_treated",
    "socio_economic.industrial_labour_index",
    "socio_economic.poverty_published",
}


def generated(subsystem, *, since=SINCE, until=NOW, seed=7):
    return list(simulate(subsystem, PLACES, since, until, seed))


def observations(subsystem, given):
    for record in given:
        for measured in subsystem.indicators:
            if record.kind in measured.kinds:
                yield from measured.contribute(record)


@pytest.mark.parametrize("subsystem", [ENVIRONMENT, SOCIO_ECONOMIC])
def test_every_indicator_lives_and_only_on_series_of_its_own(subsystem):
    given = generated(subsystem.id)
    assert {record.provenance for record in given} == {Provenance.SIMULATED}
    made = list(observations(subsystem, given))
    assert {one.breakdown for one in made} == {SIMULATED_FEED}
    assert {one.indicator for one in made} == {
        measured.indicator.id for measured in subsystem.indicators
    } - ONLY_PUBLISHED


@pytest.mark.parametrize("name", ["environment", "socio_economic"])
def test_the_same_seed_repeats_and_a_later_run_only_adds(name):
    early = generated(name, until=datetime(2026, 10, 20, 5, tzinfo=UTC))
    late = {record.source_key + record.kind: record for record in generated(name)}
    assert len(late) > len(early)
    assert all(late[record.source_key + record.kind] == record for record in early)
    assert generated(name, seed=8) != generated(name)


@pytest.mark.parametrize("name", ["environment", "socio_economic"])
def test_a_report_replaces_nothing_but_itself(name):
    given = generated(name)
    keys = Counter((record.source, record.source_key) for record in given)
    assert set(keys.values()) == {1}
    scopes = {record.scope for record in given}
    assert len(scopes) >= len({record.fields["locality"] for record in given})
    assert all(record.scope for record in given)


@pytest.mark.parametrize("subsystem", [ENVIRONMENT, SOCIO_ECONOMIC])
def test_nothing_is_of_a_time_to_come(subsystem):
    ends = [
        one.phenomenon_end for one in observations(subsystem, generated(subsystem.id))
    ]
    assert max(ends) <= NOW
    assert (NOW - max(ends)).days < 31


def test_a_generated_day_has_all_its_hours():
    given = Rows(ENVIRONMENT, generated("environment"))
    day = given.row("environment.pm25_24h", "vinh", "2026-11-20", SIMULATED_FEED)
    assert day.state.second == 24


def test_violations_are_few_and_most_days_have_none():
    given = [
        record for record in generated("environment") if record.kind == "violations_day"
    ]
    found = Counter(record.fields["found"] for record in given)
    assert found[0] > len(given) / 2
    assert max(found) <= 4
    assert len({record.fields["locality"] for record in given}) == 11


def test_a_subsystem_without_a_generator_is_told():
    with pytest.raises(FederationError, match="no generator"):
        generated("health")
