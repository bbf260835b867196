"""Monthly weather of a station: ``Ta`` mean °C, ``Rf`` rain mm, ``rH`` humidity %.

Not used: ``Tx`` and ``Tm``, which look like monthly means of daily extremes rather
than extremes; ``aH``, which repeats ``Tx`` in some years.
"""

from collections.abc import Iterator
from datetime import date

from city_node.contract import (
    Accepted,
    InputFile,
    ReadContext,
    ReadItem,
    SourceInfo,
)
from city_node.sources.dates import first_of_month
from city_node.sources.explained import explain_delimited
from city_node.sources.headings import words
from city_node.sources.numbers import NumberForm, form_of, read_number
from city_node.sources.places import other_locality, rejected, speaks_for
from city_node.sources.recognising import has_columns
from city_node.sources.tables import TableRow, cut_off, table_of
from city_node.sources.understanding import Understanding
from city_node.sources.unused import KnownUnused, UnusedCells
from city_node.subsystems.environment.limits import within
from city_node.subsystems.environment.records import WeatherMonth, record_of
from city_node.subsystems.environment.words import TEXTS, WEATHER_SERVICE
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.model.locality import Locality
from federation.model.status import Provenance

WEATHER_SOURCE = SourceInfo(
    id="weather_monthly",
    name=TEXTS["source.weather_monthly"],
    publisher=WEATHER_SERVICE,
)

_NUMBERS = {
    "temperature": ("Ta", "Nhiệt độ trung bình"),
    "rain": ("Rf", "Lượng mưa"),
    "humidity": ("rH", "Độ ẩm tương đối"),
}
_COLUMNS = {
    "year": ("year", "Năm"),
    "month": ("month", "Tháng"),
    "station": ("station", "Trạm"),
    **_NUMBERS,
}
_UNUSED = (
    KnownUnused(
        reason="meaning-unsure",
        headings=("Tx", "Tm"),
        text=Text(
            vi="có vẻ là trung bình các cực trị ngày, không phải cực trị của tháng.",
            en="seem to be means of daily extremes, not the month's extremes.",
        ),
    ),
    KnownUnused(
        reason="repeats-another",
        headings=("aH",),
        text=Text(
            vi="lặp lại Tx trong các năm 2016–2017, không tin cậy.",
            en="repeats Tx in 2016 and 2017, not to be trusted.",
        ),
    ),
)
# A station stands in a unit while that unit exists; then in the area that follows it.
_STATIONS = {"vinh": ("412", "vinh")}


class WeatherReader:
    """Reads a station's months; places are those that held in the month."""

    id = "weather_monthly"
    title = TEXTS["reader.weather_monthly"]

    def recognises(self, file: InputFile) -> bool:
        """Return whether a delimited file has the columns of monthly weather."""
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
        """Yield the months of the stations in owned places.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file can't be read or has
                other columns.
        """
        table = list(table_of(file, _COLUMNS))
        form = form_of(
            (row.cells[name] for row in table for name in _NUMBERS), NumberForm.ENGLISH
        )
        unused = UnusedCells(_UNUSED)
        for row in table:
            try:
                item = _read_row(row, form, context)
            except FederationError as error:
                item = rejected(row.place, error)
            if isinstance(item, Accepted):
                unused.count(row)
            yield item
        yield from unused.told()


def _read_row(row: TableRow, form: NumberForm, context: ReadContext) -> ReadItem:
    station = words(row.text("station")).replace(" ", "-")
    month = _month(row)
    locality = _place_of(station, month, context)
    if locality is None or not speaks_for(context, locality, month):
        return other_locality(row.place, row.text("station"))
    numbers = {
        name: within(name, read_number(row.cells[name], form)) for name in _NUMBERS
    }
    if not row.complete:
        raise cut_off(row.place)
    statement = WeatherMonth(
        locality=locality.id, station=station, month=f"{month:%Y-%m}", **numbers
    )
    record = record_of(
        statement,
        source=WEATHER_SOURCE.id,
        scope=f"weather:{station}:{month:%Y}",
        provenance=Provenance.FILE,
    )
    return Accepted(record=record, place=row.place)


def _month(row: TableRow) -> date:
    year, month = row.text("year"), row.text("month")
    first = None
    if year.isdecimal() and month.isdecimal():
        first = first_of_month(int(year), int(month))
    if first is None:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Không có tháng “{month}” năm “{year}”. Hãy sửa dòng này.",
            f"There is no month “{month}” of “{year}”. Correct the line.",
        )
    return first


def _place_of(station: str, month: date, context: ReadContext) -> Locality | None:
    if station not in _STATIONS:
        return None
    code, area = _STATIONS[station]
    try:
        return context.localities.resolve(code, month)
    except FederationError:
        return context.localities.get(area)
