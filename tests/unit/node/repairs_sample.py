"""A small subsystem whose figures change with the clock, or come since January.

Records are ``repair`` (due, and fixed or not), ``to_date`` (what came together since
January) and ``reading`` (a value, a device, a cause).
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from city_node.contract import MeasuredIndicator, Observation, Record, Subsystem
from federation.algebra import distinct, histogram, top
from federation.model.indicator import Indicator, Measure, MergeRule, Text
from federation.model.period import LOCAL, Frequency, period_at, period_of_day
from federation.model.row import State
from federation.model.status import Provenance, Status
from tests.unit.node.sample import SUBSYSTEM as SAMPLE

WARD = "16681@2025-07-01"
CAUSES = ("rain", "age")


def _indicator(
    name: str, measure: Measure, rule: MergeRule, frequency: Frequency, **rules: Any
) -> Indicator:
    text = Text(vi=f"Sửa chữa {name}", en=f"Repairs {name}")
    return Indicator(
        id=f"repairs.{name}",
        subsystem="repairs",
        name=text,
        short_name=text,
        definition=text,
        unit="case",
        unit_text=Text(vi="vụ", en="cases"),
        scale=0,
        decimals=0,
        measure=measure,
        over_time=rule,
        over_place=MergeRule.SUM if measure is Measure.LAST else rule,
        frequency=frequency,
        calendar=LOCAL.id,
        level="commune",
        owner_agency="H41.STC",
        deadline_hours=24,
        **rules,
    )


def _due(record: Record) -> tuple[datetime, datetime | None]:
    due = datetime.fromisoformat(record.fields["due"])
    fixed = record.fields["fixed"]
    return due, None if fixed is None else datetime.fromisoformat(fixed)


def _open(record: Record) -> Iterator[Observation]:
    due, fixed = _due(record)
    yield Observation(
        indicator="repairs.open",
        locality=record.fields["locality"],
        period=period_at(Frequency.DAY, due, LOCAL),
        state=State(value=1),
        status=Status.NORMAL,
        phenomenon_time=due,
        phenomenon_end=None if fixed is None else max(due, fixed),
    )


def _on_time(record: Record) -> Iterator[Observation]:
    due, fixed = _due(record)
    kept = fixed is not None and fixed <= due
    yield Observation(
        indicator="repairs.on_time",
        locality=record.fields["locality"],
        period=period_at(Frequency.DAY, due, LOCAL),
        state=State(value=int(kept), second=1),
        status=Status.NORMAL,
        phenomenon_time=due,
    )


def _to_date(name: str) -> Callable[[Record], Iterator[Observation]]:
    def contribute(record: Record) -> Iterator[Observation]:
        said = record.fields
        if said["name"] != name:
            return
        day = date.fromisoformat(said["day"])
        value = said["value"]
        yield Observation(
            indicator=f"repairs.{name}",
            locality=WARD,
            period=period_of_day(Frequency.MONTH, day),
            state=None if value is None else State(value=value),
            status=Status[said["status"]],
            phenomenon_time=datetime(day.year, day.month, day.day, tzinfo=LOCAL.zone),
            fact="cost",
            rank=said["rank"],
        )

    return contribute


def _reading(
    name: str, state: Callable[[Any], State]
) -> Callable[[Record], Iterator[Observation]]:
    def contribute(record: Record) -> Iterator[Observation]:
        day = date.fromisoformat(record.fields["day"])
        yield Observation(
            indicator=f"repairs.{name}",
            locality=WARD,
            period=period_of_day(Frequency.MONTH, day),
            state=state(record.fields),
            status=Status.NORMAL,
            phenomenon_time=datetime(day.year, day.month, day.day, tzinfo=LOCAL.zone),
        )

    return contribute


def _measured(
    indicator: Indicator, kind: str, contribute: Any, **how: Any
) -> MeasuredIndicator:
    return MeasuredIndicator(
        indicator=indicator, kinds=frozenset({kind}), contribute=contribute, **how
    )


_DAY, _MONTH = Frequency.DAY, Frequency.MONTH
INDICATORS = (
    _measured(
        _indicator("open", Measure.LAST, MergeRule.LAST, _DAY),
        "repair",
        _open,
        counts_intervals=True,
    ),
    _measured(
        _indicator("on_time", Measure.RATIO, MergeRule.RATIO, _DAY),
        "repair",
        _on_time,
        counts_when_due=True,
    ),
    _measured(
        _indicator("cost", Measure.SUM, MergeRule.SUM, _MONTH),
        "to_date",
        _to_date("cost"),
        cumulative=True,
    ),
    _measured(
        _indicator("balance", Measure.SUM, MergeRule.SUM, _MONTH, may_be_negative=True),
        "to_date",
        _to_date("balance"),
        cumulative=True,
    ),
    _measured(
        _indicator("minutes", Measure.QUANTILES, MergeRule.QUANTILES, _MONTH),
        "reading",
        _reading("minutes", lambda said: histogram.of_values([said["value"]])),
    ),
    _measured(
        _indicator("devices", Measure.DISTINCT, MergeRule.DISTINCT, _MONTH),
        "reading",
        _reading("devices", lambda said: distinct.of_keys([said["device"]])),
    ),
    _measured(
        _indicator("causes", Measure.TOP, MergeRule.TOP, _MONTH, codes=CAUSES),
        "reading",
        _reading("causes", lambda said: top.of_codes([said["cause"]], CAUSES)),
    ),
)
MEASURED = {each.indicator.id: each for each in INDICATORS}

SUBSYSTEM = Subsystem(
    id="repairs",
    name=Text(vi="Sửa chữa", en="Repairs"),
    owner_agency="H41.STC",
    agencies=SAMPLE.agencies,
    sources=SAMPLE.sources,
    readers=(),
    indicators=INDICATORS,
)


def _record(
    kind: str, key: str, fields: Any, provenance: Provenance = Provenance.FILE
) -> Record:
    return Record(
        subsystem="repairs",
        source="office",
        source_key=key,
        kind=kind,
        scope="all",
        fields=fields,
        provenance=provenance,
    )


def repair(
    key: str,
    due: datetime,
    fixed: datetime | None = None,
    *,
    locality: str = WARD,
    provenance: Provenance = Provenance.FILE,
) -> Record:
    """Return a repair that fell or falls due, and when it was done."""
    fields = {
        "locality": locality,
        "due": due.isoformat(),
        "fixed": None if fixed is None else fixed.isoformat(),
    }
    return _record("repair", key, fields, provenance)


def to_date(
    month: int,
    value: int | None,
    *,
    year: int = 2026,
    name: str = "cost",
    rank: int = 2,
    status: str | None = None,
    key: str | None = None,
) -> Record:
    """Return what came together from January to a month."""
    fields = {
        "name": name,
        "day": date(year, month, 1).isoformat(),
        "value": value,
        "rank": rank,
        "status": status or ("MISSING" if value is None else "NORMAL"),
    }
    return _record("to_date", key or f"{name}-{year}-{month}-{rank}", fields)


def reading(key: str, value: int, device: str, cause: str, day: date) -> Record:
    """Return a reading of a device."""
    fields = {"value": value, "device": device, "cause": cause, "day": day.isoformat()}
    return _record("reading", key, fields)
