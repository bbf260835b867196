"""Modelled air quality per ward and UTC day.

``date`` is a UTC day. Averaged air quality indices in the file are refused: an index
is a maximum over parameters, defined for the hour and the day apart (Decision
1459/QĐ-TCMT). ``hourly_count`` counts samples of all parameters, so hours are that
over the number of parameters. Rows of the stations' aggregator carry one ward's code
for another place and are set aside; the stations come with a file of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

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
from city_node.sources.dates import read_day
from city_node.sources.explained import explain_delimited
from city_node.sources.headings import words
from city_node.sources.numbers import read_number
from city_node.sources.places import (
    other_locality,
    owned_on,
    rejected,
    speaks_for,
)
from city_node.sources.recognising import has_columns
from city_node.sources.tables import TableRow, table_of
from city_node.sources.understanding import Understanding
from city_node.sources.unused import KnownUnused, UnusedCells
from city_node.subsystems.environment.limits import within
from city_node.subsystems.environment.records import WardAirDay, record_of
from city_node.subsystems.environment.words import AIR_MODEL, TEXTS
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.model.locality import Locality
from federation.model.status import Provenance

WARD_AIR_SOURCE = SourceInfo(
    id="ward_air_model", name=TEXTS["source.ward_air_model"], publisher=AIR_MODEL
)
SUSPECT_CODE = "suspect-code"
"""Reason of ``Skipped``: the row's ward code is not that of what it measures."""

VALID_HOURS_MIN = 18
"""A day of fewer valid hours has no mean (75 % of the day, Decision 1459/QĐ-TCMT)."""

MODELS = frozenset(("openweather",))
_MISCODED = frozenset(("aqiin",))
_PARAMETERS = tuple(
    f"{parameter}_daily_avg" for parameter in ("pm25", "pm10", "co", "no2", "so2", "o3")
)
_COLUMNS = {
    "day": ("date",),
    "ward": ("ward_code", "Mã phường, xã"),
    "source": ("source", "Nguồn"),
    "samples": ("hourly_count",),
    **{name: (name,) for name in _PARAMETERS},
}
_UNUSED = (
    KnownUnused(
        reason="averaged-index",
        holding=("aqi",),
        text=Text(
            vi="chỉ số AQI không được lấy trung bình (Quyết định 1459/QĐ-TCMT): "
            "không nhận.",
            en="an index must not be averaged (Decision 1459/QĐ-TCMT): refused.",
        ),
    ),
    KnownUnused(
        reason="repeats-another",
        holding=("max",),
        text=Text(
            vi="bằng giá trị trung bình ở mọi dòng: không phải giá trị lớn nhất.",
            en="equals the average in every row: it is no maximum.",
        ),
    ),
)
_NOT_MEASURED = tuple(name for name in _PARAMETERS if not name.startswith("pm25"))


@dataclass(frozen=True, kw_only=True, slots=True)
class _WardDay:
    place: Place
    model: str
    day: date
    locality: Locality
    pm25: str | None


class WardAirReader:
    """Reads modelled PM2.5 of owned wards; an owned ward left out of a day is missing.

    A ward is owed on a day when the file covers that day for its province.
    """

    id = "ward_air_model"
    title = TEXTS["reader.ward_air_model"]

    def recognises(self, file: InputFile) -> bool:
        """Return whether a delimited file has the columns of ward air quality."""
        return has_columns(file, _COLUMNS)

    def explain(self, file: InputFile, context: ReadContext) -> Understanding:
        """Return what each column is taken for; nothing lands."""
        return explain_delimited(
            self,
            file,
            context,
            wanted=_COLUMNS,
            known=_UNUSED,
            not_measured=_NOT_MEASURED,
        )

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield the days of owned wards, oldest first.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file can't be read or has
                other columns.
        """
        rows = table_of(file, _COLUMNS)
        items: list[tuple[date, ReadItem]] = []
        stated: dict[tuple[date, str], set[str]] = {}
        refused: set[str] = set()
        whole = True
        unused = UnusedCells(_UNUSED)
        for row in rows:
            read = _read_row(row, context)
            if not isinstance(read, _WardDay):
                refused.add(row.text("ward"))
                whole = whole and row.complete
                yield read
                continue
            stated.setdefault((read.day, read.model), set()).add(read.locality.id)
            if speaks_for(context, read.locality, read.day):
                items.append((read.day, _accepted(read)))
                unused.count(row, also=_NOT_MEASURED)
            else:
                yield other_locality(read.place, read.locality.name_vi)
        if whole:
            items += _absent(stated, refused, context, Place(file=file.name))
        for _, item in sorted(items, key=lambda pair: pair[0]):
            yield item
        yield from unused.told()


def _read_row(row: TableRow, context: ReadContext) -> _WardDay | Skipped | Rejected:
    source = words(row.text("source")).replace(" ", "")
    if source in _MISCODED:
        return Skipped(
            place=row.place,
            reason=SUSPECT_CODE,
            text_vi=(
                f"Nguồn “{source}” ghi mã {row.text('ward')} cho số đo của trạm nơi "
                "khác: để riêng. Số đo của trạm nạp từ tệp trạm."
            ),
            text_en=(
                f"The source “{source}” gives code {row.text('ward')} to readings from "
                "elsewhere: set aside. Stations come with their own file."
            ),
        )
    try:
        if source not in MODELS or not row.complete:
            raise _unknown_source(row)
        day = read_day(row.cells["day"])
        return _WardDay(
            place=row.place,
            model=source,
            day=day,
            locality=context.localities.resolve(row.text("ward"), day),
            pm25=_mean(row),
        )
    except FederationError as error:
        return rejected(row.place, error)


def _mean(row: TableRow) -> str | None:
    """Return the day's PM2.5, or None where too few hours of the day were modelled."""
    values = {name: read_number(row.cells[name]) for name in _PARAMETERS}
    samples = row.text("samples")
    if not samples.isdecimal():
        raise _unknown_source(row)
    parameters = sum(value is not None for value in values.values())
    if int(samples) < VALID_HOURS_MIN * parameters:
        return None
    return within("pm25", values["pm25_daily_avg"])


def _absent(
    stated: Mapping[tuple[date, str], set[str]],
    refused: set[str],
    context: ReadContext,
    place: Place,
) -> Iterator[tuple[date, ReadItem]]:
    """Yield a statement without a value for each owned ward that a day leaves out.

    A line cut off may hide others, a refused line hides its ward: neither is absent.
    """
    for (day, model), wards in stated.items():
        provinces = {
            locality.parent
            for locality in map(context.localities.get, wards)
            if locality is not None
        }
        for locality in owned_on(context, "commune", day):
            if (
                locality.id not in wards
                and locality.code not in refused
                and locality.parent in provinces
            ):
                absent = _WardDay(
                    place=place, model=model, day=day, locality=locality, pm25=None
                )
                yield day, replace(_accepted(absent), inferred=True)


def _accepted(ward_day: _WardDay) -> Accepted:
    day = ward_day.day.isoformat()
    statement = WardAirDay(
        locality=ward_day.locality.id,
        day=day,
        model=ward_day.model,
        pm25=ward_day.pm25,
    )
    record = record_of(
        statement,
        source=WARD_AIR_SOURCE.id,
        scope=f"ward-air:{ward_day.model}:{day}",
        provenance=Provenance.FILE,
    )
    return Accepted(record=record, place=ward_day.place)


def _unknown_source(row: TableRow) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Nguồn “{row.text('source')}” chưa được khai báo, hoặc dòng thiếu cột. Hãy "
        "báo cho người quản trị hoặc xuất lại tệp.",
        f"The source “{row.text('source')}” is not declared, or the line lacks "
        "columns. Tell the administrator, or export the file again.",
        {"row": row.place.row, "source": row.text("source")},
    )
