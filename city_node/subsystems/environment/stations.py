"""Readings of air quality stations, collapsed to one statement per station and hour.

A station's name is "station, city, province, country"; it stands for the area of its
city. Stations report unevenly (one to three readings an hour), so an hour is the mean
of its readings and a day the mean of its hours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from city_node.contract import (
    Accepted,
    InputFile,
    Place,
    ReadContext,
    ReadItem,
    Rejected,
    Skipped,
    SourceInfo,
)
from city_node.sources.dates import read_moment
from city_node.sources.explained import explain_delimited
from city_node.sources.headings import fold, words
from city_node.sources.numbers import read_number
from city_node.sources.places import other_locality, rejected, speaks_for
from city_node.sources.recognising import has_columns
from city_node.sources.tables import TableRow, table_of
from city_node.sources.understanding import Understanding
from city_node.sources.unused import KnownUnused, UnusedCells
from city_node.subsystems.environment.limits import within
from city_node.subsystems.environment.records import StationHour, record_of
from city_node.subsystems.environment.words import AIR_AGGREGATOR, TEXTS
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.model.locality import Locality
from federation.model.period import LOCAL
from federation.model.status import Provenance

STATIONS_SOURCE = SourceInfo(
    id="air_stations", name=TEXTS["source.air_stations"], publisher=AIR_AGGREGATOR
)
UNIT_NOT_TRUSTWORTHY = "unit-not-trustworthy"
"""Reason of ``Skipped``: the unit a reading carries can't be its own."""

NOT_MEASURED = "not-measured"
"""Reason of ``Skipped``: a parameter for which there is no indicator."""

INVALID_READING = "invalid-reading"
"""Reason of ``Skipped``: the station itself marks the reading as invalid."""

PM25 = "pm25"
CONCENTRATIONS = {
    "μg/m3": Fraction(1),
    "ug/m3": Fraction(1),
    "mg/m3": Fraction(1000),
}
"""Units of concentration as folded text, with the factor to µg/m³."""

_COLUMNS = {
    "station": ("station_name", "Tên trạm"),
    "time": ("timestamp_utc", "Thời gian"),
    "parameter": ("parameter", "Thông số"),
    "value": ("value", "Giá trị"),
    "unit": ("unit", "Đơn vị"),
    "quality": ("quality_flag", "Chất lượng"),
}
_UNUSED = (
    KnownUnused(
        reason="index-of-source",
        headings=("aqi_reported",),
        text=Text(
            vi="chỉ số do nguồn tự tính, không rõ thông số và cách tính: không nhận.",
            en="an index the source made, of no parameter and by no rule: refused.",
        ),
    ),
)
# Feeds label these µg/m³ too; for gases they are far apart between sources.
_DOUBTFUL = frozenset(("temp", "hum", "co", "no2", "o3", "so2"))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    place: Place
    station: str
    locality: Locality
    moment: datetime
    value: Decimal
    unit: str

    @property
    def hour(self) -> datetime:
        return self.moment.replace(minute=0, second=0, microsecond=0)


class StationReader:
    """Reads station measurements of PM2.5; other parameters are skipped, counted."""

    id = "air_stations"
    title = TEXTS["reader.air_stations"]

    def recognises(self, file: InputFile) -> bool:
        """Return whether a delimited file has the columns of station readings."""
        return has_columns(file, _COLUMNS)

    def explain(self, file: InputFile, context: ReadContext) -> Understanding:
        """Return what each column is taken for; nothing lands."""
        return explain_delimited(
            self,
            file,
            context,
            wanted=_COLUMNS,
            known=_UNUSED,
        )

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield one record for each station and hour, oldest first.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file can't be read or has
                other columns.
        """
        rows = table_of(file, _COLUMNS)
        readings: dict[tuple[str, datetime, str], _Reading] = {}
        unused = UnusedCells(_UNUSED)
        for row in rows:
            read = _read_row(row, context)
            if isinstance(read, _Reading):
                unused.count(row)
                # The same reading exported twice is one reading.
                readings[(read.station, read.moment, read.unit)] = read
            else:
                yield read
        yield from _hours(readings)
        yield from unused.told()


def station_code(name: str, known: str) -> str:
    """Return a station's code from its name, without the province's name before it.

    ``known`` is the rest of the full name. "Nghe An Truong Thi" in "Nghe An" is
    ``truong-thi``.
    """
    code = words(name)
    for part in known.split(","):
        place = words(part)
        if place and code.startswith(f"{place} "):
            code = code.removeprefix(f"{place} ")
    return code.replace(" ", "-")


def _read_row(row: TableRow, context: ReadContext) -> _Reading | Skipped | Rejected:
    skipped = _skipped(row)
    if skipped is not None:
        return skipped
    try:
        moment = read_moment(row.cells["time"])
        value = within(PM25, read_number(row.cells["value"]))
        if value is None or fold(row.text("unit")) not in CONCENTRATIONS:
            raise _no_concentration(row)
    except FederationError as error:
        return rejected(row.place, error)
    name, _, rest = row.text("station").partition(",")
    city = words(rest.split(",")[0]).replace(" ", "-")
    area = context.localities.get(city) if city else None
    if area is None or not speaks_for(
        context, area, moment.astimezone(LOCAL.zone).date()
    ):
        return other_locality(row.place, row.text("station"))
    return _Reading(
        place=row.place,
        station=station_code(name, rest),
        locality=area,
        moment=moment,
        value=Decimal(value),
        unit=row.text("unit"),
    )


def _skipped(row: TableRow) -> Skipped | None:
    parameter = words(row.text("parameter")).replace(" ", "")
    if parameter in _DOUBTFUL:
        return Skipped(
            place=row.place,
            reason=UNIT_NOT_TRUSTWORTHY,
            text_vi=f"“{parameter}”: đơn vị “{row.text('unit')}” không tin cậy.",
            text_en=f"“{parameter}”: the unit “{row.text('unit')}” can't be trusted.",
        )
    if parameter != PM25:
        return Skipped(
            place=row.place,
            reason=NOT_MEASURED,
            text_vi=f"“{parameter}”: chưa có chỉ tiêu.",
            text_en=f"“{parameter}”: there is no indicator for it.",
        )
    if words(row.text("quality")) not in ("valid", "hop le"):
        return Skipped(
            place=row.place,
            reason=INVALID_READING,
            text_vi=f"Trạm đánh dấu số đo “{row.text('quality')}”: không dùng.",
            text_en=f"The station marks the reading “{row.text('quality')}”: not used.",
        )
    return None


def _hours(
    readings: Mapping[tuple[str, datetime, str], _Reading],
) -> Iterator[Accepted]:
    hours: dict[tuple[datetime, str, str], list[_Reading]] = {}
    for reading in readings.values():
        key = (reading.hour, reading.station, reading.unit)
        hours.setdefault(key, []).append(reading)
    for (hour, station, unit), group in sorted(hours.items()):
        statement = StationHour(
            locality=group[0].locality.id,
            station=station,
            parameter=PM25,
            hour=hour.astimezone(UTC).isoformat(),
            total=str(sum((reading.value for reading in group), Decimal(0))),
            readings=len(group),
            unit=unit,
        )
        record = record_of(
            statement,
            source=STATIONS_SOURCE.id,
            scope=f"air-station:{station}:{hour:%Y-%m-%d}",
            provenance=Provenance.FILE,
        )
        yield Accepted(record=record, place=group[0].place)


def _no_concentration(row: TableRow) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"PM2.5 thiếu giá trị hoặc đơn vị “{row.text('unit')}” không phải µg/m³.",
        f"PM2.5 has no value, or its unit “{row.text('unit')}” is not µg/m³.",
        {"row": row.place.row},
    )
