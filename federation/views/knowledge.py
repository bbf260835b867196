"""What a reader must know to read values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from federation.coverage.expected import ExpectedSets, MemoryExpectedSets, Owing
from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Indicator, Text
from federation.model.locality import Locality
from federation.model.period import CALENDARS, LOCAL, Calendar
from federation.model.row import SeriesKey
from federation.wire.payload import Obligation


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """Indicators, agencies, calendars and places, as known at one moment.

    ``owed`` are obligations by indicator, ``announced`` those of them that nodes said
    of themselves, ``withheld`` series that exist and are not shared. ``expected`` is
    where a read finds who was expected. ``past_contracts`` are contracts that were
    current once, by hash, to read what was known then.
    """

    indicators: Mapping[str, Indicator]
    agencies: Mapping[str, Text]
    calendars: Mapping[str, Calendar]
    places: LocalityGraph
    owed: Mapping[str, Sequence[Obligation]] = field(default_factory=dict)
    announced: Mapping[str, Sequence[Obligation]] = field(default_factory=dict)
    withheld: Mapping[SeriesKey, str] = field(default_factory=dict)
    expected: ExpectedSets[Any] = field(default_factory=MemoryExpectedSets)
    past_contracts: Mapping[bytes, Indicator] = field(default_factory=dict)

    def former_contract(
        self, indicator_id: str, contract_hash: bytes
    ) -> Indicator | None:
        """Return the former contract that a value stands under; None: the current."""
        current = self.indicators.get(indicator_id)
        if current is not None and current.contract_hash == contract_hash:
            return None
        return self.past_contracts.get(contract_hash)

    @property
    def owing(self) -> Owing:
        """Return who owes what, to say who is expected."""
        return Owing(graph=self.places, obligations=self.owed)

    def indicator(self, indicator_id: str) -> Indicator:
        """Return an indicator.

        Raises:
            FederationError: ``NOT_FOUND`` when nobody announced it here.
        """
        found = self.indicators.get(indicator_id)
        if found is None:
            raise FederationError(
                ErrorCode.NOT_FOUND,
                f"Không có chỉ tiêu “{indicator_id}” ở cấp này. Xem danh mục tại "
                "/api/v1/indicators.",
                f"There is no indicator “{indicator_id}” at this tier. "
                "/api/v1/indicators has the list.",
                {"indicator": indicator_id},
            )
        return found

    def calendar(self, indicator: Indicator) -> Calendar:
        """Return an indicator's calendar; an unknown one reads as the local one."""
        found = self.calendars.get(indicator.calendar)
        return found or CALENDARS.get(indicator.calendar, LOCAL)

    def agency_name(self, agency: str) -> Text:
        """Return an agency's name, or its id where no name was announced."""
        return self.agencies.get(agency, Text(vi=agency, en=agency))

    def place_name(self, locality_id: str) -> Text:
        """Return a place's name, or its id where it is not known."""
        place = self.places.get(locality_id)
        if place is None:
            return Text(vi=locality_id, en=locality_id)
        return Text(vi=place.name_vi, en=place.name_en)

    def place(self, code_or_id: str, day: date) -> Locality:
        """Return the place of an id, or of a code on a day.

        A bare code that is also the id of a place with an unknown beginning means
        whoever bears the code on the day, and that place only where nobody does.

        Raises:
            FederationError: ``NOT_FOUND`` when nothing is known by it.
        """
        bearers = self.places.bearing(code_or_id)
        found = next((place for place in bearers if place.holds_on(day)), None)
        found = found or self.places.get(code_or_id)
        if found is None and bearers:
            found = bearers[-1]
        if found is None:
            raise FederationError(
                ErrorCode.NOT_FOUND,
                f"Không có đơn vị nào mang mã “{code_or_id}”. Xem danh sách tại "
                "/api/v1/localities.",
                f"No locality is known by “{code_or_id}”. /api/v1/localities has the "
                "list.",
                {"locality": code_or_id},
            )
        return found

    def place_ids(
        self, code_or_id: str, first: date | None, last: date | None
    ) -> frozenset[str]:
        """Return the ids a reader means: of an id itself, of a code all its bearers.

        A value says at which of them it stands, so a code over a reform gives the
        values of each bearer for its own time.

        Raises:
            FederationError: ``NOT_FOUND`` when nothing is known by it,
                ``INVALID_ARGUMENT`` when no bearer existed in the time asked for.
        """
        bearers = self.places.bearing(code_or_id)
        if not bearers:
            return frozenset({self.place(code_or_id, last or date.max).id})
        holding = [
            place
            for place in bearers
            if (last is None or place.valid_from is None or place.valid_from <= last)
            and (first is None or place.valid_to is None or first <= place.valid_to)
        ]
        if not holding:
            times = "; ".join(
                f"{place.valid_from or '…'} – {place.valid_to or '…'}"
                for place in bearers
            )
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"Mã “{code_or_id}” không có hiệu lực trong thời gian đã hỏi; mã này "
                f"có hiệu lực: {times}.",
                f"Code “{code_or_id}” was not valid in the time asked for; it was "
                f"valid: {times}.",
                {"locality": code_or_id, "pointer": "/query/locality"},
            )
        return frozenset(place.id for place in holding)
