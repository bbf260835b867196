"""The simplest way from records to rows: facts once, then the merge of the algebra."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from city_node.contract import (
    Accepted,
    InputFile,
    MeasuredIndicator,
    Observation,
    ReadContext,
    ReadItem,
    Record,
    Subsystem,
)
from federation.algebra.merge import merge_all, merge_over_time
from federation.algebra.value import decimal_value
from federation.algebra.windows import base_periods
from federation.model.indicator import Measure, MergeRule
from federation.model.period import Period, parse_period
from federation.model.row import Row, SeriesKey, base_row
from federation.model.status import Status

_RULES = {
    Measure.SUM: MergeRule.SUM,
    Measure.RATIO: MergeRule.RATIO,
    Measure.WEIGHTED_MEAN: MergeRule.WEIGHTED_MEAN,
}


def read(subsystem: Subsystem, file: InputFile, context: ReadContext) -> list[ReadItem]:
    readers = [reader for reader in subsystem.readers if reader.recognises(file)]
    assert len(readers) == 1, [reader.id for reader in readers]
    return list(readers[0].read(file, context))


def records(items: Iterable[ReadItem]) -> list[Record]:
    return [item.record for item in items if isinstance(item, Accepted)]


class Rows:
    """Rows of a subsystem's records, with the estimates beside what stands."""

    def __init__(self, subsystem: Subsystem, given: Iterable[Record]) -> None:
        self.measured = {one.indicator.id: one for one in subsystem.indicators}
        facts: dict[tuple[SeriesKey, Period], dict[str, list[Observation]]] = (
            defaultdict(lambda: defaultdict(list))
        )
        self.provenances = set()
        for record in given:
            self.provenances.add(record.provenance)
            for measured in subsystem.indicators:
                if record.kind not in measured.kinds:
                    continue
                for number, made in enumerate(measured.contribute(record)):
                    series = SeriesKey(
                        indicator=made.indicator,
                        locality=made.locality,
                        agency=made.agency,
                        breakdown=made.breakdown,
                    )
                    own = f"{record.source}:{record.source_key}:{number}"
                    facts[(series, made.period)][made.fact or own].append(made)
        self.facts = facts

    def row(
        self, name: str, locality: str, period: str, breakdown: str = ""
    ) -> Row | None:
        parsed = parse_period(period)
        for (series, when), facts in self.facts.items():
            if (series.indicator, series.locality, series.breakdown) == (
                name,
                locality,
                breakdown,
            ) and when == parsed:
                return self._merged(series, when, facts)
        return None

    def value(
        self, name: str, locality: str, period: str, breakdown: str = ""
    ) -> Decimal | None:
        row = self.row(name, locality, period, breakdown)
        assert row is not None, (name, locality, period)
        if row.state is None:
            return None
        return decimal_value(self.measured[name].indicator, row.state)

    def over(self, name: str, locality: str, longer: str) -> Decimal | None:
        indicator = self.measured[name].indicator
        periods = base_periods(indicator.frequency, parse_period(longer))
        rows = [self.row(name, locality, period.text) for period in periods]
        given = [row for row in rows if row is not None]
        merged = merge_over_time(
            indicator,
            given,
            into=given[0].series,
            period=parse_period(longer),
            periods=periods,
        )
        assert merged.reported == merged.expected
        assert merged.state is not None
        return decimal_value(indicator, merged.state)

    def ranked(self, name: str, locality: str, period: str, rank: int) -> set[Decimal]:
        indicator = self.measured[name].indicator
        return {
            decimal_value(indicator, made.state)
            for (series, when), facts in self.facts.items()
            if (series.indicator, series.locality, when)
            == (name, locality, parse_period(period))
            for group in facts.values()
            for made in group
            if made.rank == rank and made.state is not None
        }

    def _merged(
        self,
        series: SeriesKey,
        period: Period,
        facts: dict[str, list[Observation]],
    ) -> Row:
        measured: MeasuredIndicator = self.measured[series.indicator]
        best = [max(group, key=lambda made: made.rank) for group in facts.values()]
        states = [made.state for made in best if made.state is not None]
        state = None
        if states:
            rule = _RULES.get(measured.indicator.measure, MergeRule.NONE)
            state = merge_all(rule, states, series.indicator)
        status = best[0].status
        if state is not None and state.second < measured.minimum_weight:
            state, status = None, Status.MISSING
        (provenance,) = self.provenances
        return base_row(
            series=series,
            period=period,
            state=state,
            status=status,
            provenance=provenance,
            recorded_at_us=0,
        )
