"""Makes the templates of a node, and checks those that come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from city_node.contract import InputFile, LocalityLookup, Subsystem
from city_node.sources.decoding import unreadable
from city_node.templates.finding import marked_sheet
from city_node.templates.form import (
    Mark,
    Template,
    can_be_typed,
    owes_nothing,
    period_of,
    template_of,
    typed_indicators,
)
from city_node.templates.owing import owing_agencies
from city_node.templates.shown import shown_figures
from city_node.templates.writing import CSV_TYPE, XLSX_TYPE, as_csv, as_workbook
from federation.clock import Clock
from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality
from federation.model.period import (
    LOCAL,
    Frequency,
    Period,
    period_of_day,
)
from federation.storage.pool import Pool, transaction
from federation.warehouse.postgres import PostgresWarehouse


class FileForm(StrEnum):
    """In which form a template is written."""

    XLSX = "xlsx"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """Return its media type."""
        return XLSX_TYPE if self is FileForm.XLSX else CSV_TYPE

    def written(self, template: Template) -> bytes:
        """Return a template in this form."""
        return as_workbook(template) if self is FileForm.XLSX else as_csv(template)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A template that may be asked for: whose, of which periods, with what in it."""

    subsystem: str
    agency: str
    frequency: Frequency
    period: Period
    indicators: Sequence[str]


class Templates:
    """The templates of a node."""

    def __init__(
        self,
        *,
        pool: Pool,
        warehouse: PostgresWarehouse,
        subsystems: Mapping[str, Subsystem],
        localities: Sequence[Locality],
        places: LocalityLookup,
        clock: Clock,
    ) -> None:
        """Make templates for ``localities``; the database has the figures shown."""
        self._pool = pool
        self._warehouse = warehouse
        self._subsystems = subsystems
        self._localities = localities
        self._lookup = places
        self._clock = clock

    def offers(self) -> list[Offer]:
        """Return what may be asked for, each with the last period that is over."""
        found: dict[tuple[str, str, Frequency], list[str]] = {}
        for name, subsystem in self._subsystems.items():
            for measured in subsystem.indicators:
                if can_be_typed(measured):
                    one = measured.indicator
                    for agency in sorted(owing_agencies(subsystem, one)):
                        key = (name, agency, one.frequency)
                        found.setdefault(key, []).append(one.id)
        return [
            Offer(
                subsystem=subsystem,
                agency=agency,
                frequency=frequency,
                period=self._last_over(frequency),
                indicators=tuple(indicators),
            )
            for (subsystem, agency, frequency), indicators in found.items()
        ]

    async def make(
        self,
        subsystem: str,
        period: str,
        *,
        agency: str = "",
        locality: str = "",
    ) -> Template:
        """Return a template.

        Args:
            subsystem: Whose indicators.
            period: As the API writes periods, for example 2026-10.
            agency: Who types; by default the subsystem's owner.
            locality: Of one place only; by default of all the node speaks for.

        Raises:
            FederationError: ``NOT_FOUND`` or ``INVALID_ARGUMENT``; the text says what
                there is instead.
        """
        chosen = self._subsystem(subsystem)
        wanted = period_of(period)
        agency = agency or chosen.owner_agency
        places = self._places(locality)
        indicators = typed_indicators(chosen, agency, wanted.frequency)
        if not indicators:
            raise owes_nothing(chosen, agency, wanted)
        async with transaction(
            self._pool, doing="make a template", readonly=True
        ) as connection:
            shown = await shown_figures(
                self._warehouse,
                connection,
                indicators,
                [place.id for place in places],
                agency,
                wanted,
            )
        return template_of(
            chosen,
            agency,
            wanted,
            places,
            self._lookup,
            made_on=self._today(),
            shown=shown,
        )

    def check(
        self, subsystem: str, file: InputFile, *, agency: str = "", period: str = ""
    ) -> Mark:
        """Return what an upload says it is the template of.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` for a file that is no template of
                the subsystem, or not the one of the agency or period that are meant.
        """
        chosen = self._subsystem(subsystem)
        found = marked_sheet(file)
        if found is None:
            raise unreadable(
                file.name,
                "không phải mẫu nhập số liệu của hệ thống. Hãy tải mẫu và nhập vào đó",
                "not a template of this system. Download one and type into it",
            )
        mark, _ = found
        for said, wanted, vi, en in (
            (mark.subsystem, subsystem, "phân hệ", "subsystem"),
            (mark.agency, agency, "cơ quan", "agency"),
            (mark.period.text, period, "kỳ", "period"),
        ):
            if wanted and said != wanted:
                raise unreadable(
                    file.name,
                    f"là mẫu của {vi} “{said}”, không phải “{wanted}”. Hãy tải lại",
                    f"the template of the {en} “{said}”, not “{wanted}”. Download the "
                    "right one",
                )
        if not typed_indicators(chosen, mark.agency):
            raise FederationError(
                ErrorCode.FORBIDDEN,
                f"Cơ quan {mark.agency} không phải báo cáo chỉ tiêu nào của phân hệ "
                f"{chosen.name.vi}.",
                f"The agency {mark.agency} owes no indicator of {chosen.name.en}.",
                {"agency": mark.agency},
            )
        return mark

    def _subsystem(self, name: str) -> Subsystem:
        if name in self._subsystems:
            return self._subsystems[name]
        have = ", ".join(sorted(self._subsystems)) or "–"
        raise FederationError(
            ErrorCode.NOT_FOUND,
            f"Nút này không có phân hệ “{name}”. Đang có: {have}.",
            f"This node has no subsystem “{name}”. It has: {have}.",
            {"subsystem": name},
        )

    def _places(self, locality: str) -> list[Locality]:
        if not locality:
            return list(self._localities)
        found = [place for place in self._localities if place.id == locality]
        if not found:
            raise FederationError(
                ErrorCode.NOT_FOUND,
                f"Nút này không đại diện cho địa bàn “{locality}”.",
                f"This node does not speak for the locality “{locality}”.",
                {"locality": locality},
            )
        return found

    def _today(self) -> date:
        return self._clock.now().astimezone(LOCAL.zone).date()

    def _last_over(self, frequency: Frequency) -> Period:
        current = period_of_day(frequency, self._today())
        before = date.fromordinal(current.first_day.toordinal() - 1)
        return period_of_day(frequency, before)
