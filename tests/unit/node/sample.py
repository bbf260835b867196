"""A small subsystem with one indicator for each measure, and places to report for.

A record is one figure: ``{"measure": "sum", "locality": …, "day": …, "value": …}``.
Its file has the word ``sample`` on the first line and one JSON record on each line
after it; ``!`` begins a line that the reader refuses, ``-`` one that it passes over.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from city_node.contract import (
    Accepted,
    InputFile,
    MeasuredIndicator,
    Observation,
    Place,
    ReadContext,
    ReadItem,
    Record,
    Rejected,
    Skipped,
    SourceInfo,
    Subsystem,
)
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, MergeRule, Text
from federation.model.locality import Locality
from federation.model.period import LOCAL, Frequency, period_of_day
from federation.model.row import State
from federation.model.status import Provenance, Status

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

MERGES = {
    Measure.SUM: MergeRule.SUM,
    Measure.LAST: MergeRule.LAST,
    Measure.RATIO: MergeRule.RATIO,
    Measure.WEIGHTED_MEAN: MergeRule.WEIGHTED_MEAN,
    Measure.MAX: MergeRule.MAX,
    Measure.MIN: MergeRule.MIN,
    Measure.PUBLISHED: MergeRule.NONE,
}


def indicator(measure: Measure) -> Indicator:
    """Return the sample's indicator of a measure."""
    text = Text(vi=f"Mẫu {measure.slug}", en=f"Sample {measure.slug}")
    return Indicator(
        id=f"sample.{measure.slug}",
        subsystem="sample",
        name=text,
        short_name=text,
        definition=text,
        unit="unit",
        unit_text=Text(vi="đơn vị", en="units"),
        scale=0,
        decimals=0,
        measure=measure,
        over_time=MERGES[measure],
        # The newest figure of one place never stands for another's.
        over_place=MergeRule.SUM if measure is Measure.LAST else MERGES[measure],
        frequency=Frequency.MONTH,
        calendar=LOCAL.id,
        level="commune",
        owner_agency="H41.STC",
        deadline_hours=24,
        dimensions=("station",),
        weight="case" if measure is Measure.WEIGHTED_MEAN else "",
    )


def _contribute(measure: Measure, record: Record) -> Iterator[Observation]:
    said = record.fields
    if said["measure"] != measure.slug:
        return
    day = date.fromisoformat(said["day"])
    value = said["value"]
    status = Status[said.get("status", "NORMAL" if value is not None else "MISSING")]
    yield Observation(
        indicator=f"sample.{measure.slug}",
        locality=said["locality"],
        period=period_of_day(Frequency.MONTH, day),
        state=None
        if value is None
        else State(value=int(value), second=int(said.get("second", 0))),
        status=status,
        phenomenon_time=datetime(day.year, day.month, day.day, tzinfo=LOCAL.zone),
        breakdown=said.get("breakdown", ""),
        fact=said.get("fact", ""),
        rank=said.get("rank", 0),
    )


def measured(measure: Measure, *, minimum_weight: int = 0) -> MeasuredIndicator:
    """Return the sample's measured indicator of a measure."""
    return MeasuredIndicator(
        indicator=indicator(measure),
        kinds=frozenset({"figure"}),
        contribute=lambda record: _contribute(measure, record),
        minimum_weight=minimum_weight,
    )


class SampleReader:
    """Reads the sample's files."""

    id = "sample"
    title = Text(vi="tệp mẫu", en="sample file")

    def recognises(self, file: InputFile) -> bool:
        """Return whether the first line says so."""
        return file.content.startswith(b"sample\n")

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield one item for each line."""
        for number, line in enumerate(file.content.decode().splitlines()[1:], start=2):
            place = Place(file=file.name, row=number)
            if line.startswith("!"):
                yield Rejected(place=place, text_vi="sai", text_en="wrong")
            elif line.startswith("-"):
                yield Skipped(
                    place=place, reason="other", text_vi="khác", text_en="other"
                )
            else:
                yield Accepted(record=_read(line, file), place=place)


def _read(line: str, file: InputFile) -> Record:
    try:
        said: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError as error:
        raise FederationError(
            ErrorCode.INPUT_UNREADABLE,
            f"Tệp {file.name} bị cắt cụt.",
            f"The file {file.name} is truncated.",
        ) from error
    scope = said.pop("scope", "all")
    key = said.pop("key")
    return figure(key, scope=scope, **said)


def figure(
    key: str,
    *,
    source: str = "office",
    scope: str = "all",
    provenance: Provenance = Provenance.FILE,
    published_at: datetime | None = None,
    **said: Any,
) -> Record:
    """Return a record; what is not said is the sum of a ward in October 2026."""
    fields = {
        "measure": "sum",
        "locality": "16681@2025-07-01",
        "day": "2026-10-05",
        "value": "1",
    }
    return Record(
        subsystem="sample",
        source=source,
        source_key=key,
        kind="figure",
        scope=scope,
        fields=fields | said,
        provenance=provenance,
        published_at=published_at,
    )


def accepted(*records: Record) -> list[Accepted]:
    """Return records as they come from a reader."""
    return [
        Accepted(record=record, place=Place(file="f", row=row))
        for row, record in enumerate(records, start=1)
    ]


SUBSYSTEM = Subsystem(
    id="sample",
    name=Text(vi="Mẫu", en="Sample"),
    owner_agency="H41.STC",
    agencies={"H41.STC": Text(vi="Sở Tài chính", en="Department of Finance")},
    sources=(
        SourceInfo(
            id="office", name=Text(vi="Văn phòng", en="Office"), publisher="H41.STC"
        ),
    ),
    readers=(SampleReader(),),
    indicators=tuple(
        measured(measure, minimum_weight=3 if measure is Measure.WEIGHTED_MEAN else 0)
        for measure in MERGES
    ),
    record_kinds={
        "figure": {
            "measure": "text",
            "locality": "text",
            "day": "date",
            "value": "decimal",
        }
    },
)


@dataclass(frozen=True)
class Places:
    """A few places, by id."""

    known: Mapping[str, Locality] = field(default_factory=dict)

    def get(self, locality_id: str) -> Locality | None:
        """Return a place."""
        return self.known.get(locality_id)

    def resolve(self, code: str, day: date) -> Locality:
        """Return the place that bore a code on a day."""
        for place in self.known.values():
            if place.code == code and place.holds_on(day):
                return place
        raise FederationError(ErrorCode.INPUT_ROW, "không rõ", "unknown")


def _place(code: str, begin: date | None, end: date | None = None) -> Locality:
    return Locality(
        id=code if begin is None else f"{code}@{begin.isoformat()}",
        code=code,
        name_vi=code,
        name_en=code,
        level="commune",
        valid_from=begin,
        valid_to=end,
    )


REFORM = date(2025, 7, 1)
PLACES = Places(
    {
        place.id: place
        for place in (
            _place("16681", REFORM),
            _place("16690", REFORM),
            _place("17443", REFORM),
            _place("412", None, date(2024, 11, 30)),
        )
    }
)
OWNED = frozenset({"16681@2025-07-01", "16690@2025-07-01", "412"})


def context(now: datetime = NOW) -> ReadContext:
    """Return what readers may know in the sample."""
    return ReadContext(now=now, localities=PLACES, owned=OWNED)
