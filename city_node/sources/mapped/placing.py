"""Which row is about which place: owned, of somebody else, or a total of places."""

from collections import defaultdict

from city_node.contract import Place, ReadContext, Skipped
from city_node.sources.headings import words
from city_node.sources.mapped.form import PlaceRule
from city_node.sources.places import (
    CONTROL_TOTAL,
    other_locality,
    owned_of_level,
    plain_name,
    speaks_for,
)
from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality
from federation.model.period import Period

_TOTALS = (
    "tong so",
    "tong cong",
    "ca nuoc",
    "toan quoc",
    "trung uong",
    "dia phuong",
    "total",
    "whole country",
    "central",
    "dong bang song",
    "red river delta",
    "mekong river delta",
    "trung du",
    "mien nui",
    "northern midlands",
    "north east",
    "north west",
    "dong bac",
    "tay bac",
    "bac trung bo",
    "north central",
    "northern central",
    "south central",
    "duyen hai",
    "nam trung bo",
    "tay nguyen",
    "dong nam bo",
    "south east",
    "southeast",
)
"""How rows begin that are about the country, its regions or levels of budget."""


class OwnedPlaces:
    """The places of this node that a table may name."""

    def __init__(self, rule: PlaceRule, context: ReadContext) -> None:
        """Know the owned places of the rule's level by every way of writing them."""
        self._rule = rule
        self._context = context
        self.all = owned_of_level(context, rule.level)
        self._by_name: dict[str, list[Locality]] = defaultdict(list)
        for locality in self.all:
            for name in {words(locality.name_vi), plain_name(locality.name_vi)}:
                self._by_name[name].append(locality)
        for name, identity in rule.names.items():
            alias = context.localities.get(identity)
            if alias is not None and alias.id in context.owned:
                self._by_name[name] = [alias]

    def is_owned(self, label: str) -> bool:
        """Return whether a label names a place of this node, at whatever time."""
        return bool(self._named(label))

    def find(self, label: str, period: Period) -> Locality | None:
        """Return the owned place that a label names in a period, or None.

        Raises:
            FederationError: ``INPUT_ROW`` when it names several, or its code is not
                valid then.
        """
        if self._rule.by_code:
            place = self._context.localities.resolve(label, period.first_day)
            owned = speaks_for(self._context, place, period.first_day)
            return place if owned else None
        named = self._named(label)
        there = [place for place in named if _exists(place, period)]
        if len(there) > 1:
            codes = ", ".join(place.code for place in there)
            raise FederationError(
                ErrorCode.INPUT_ROW,
                f"“{label}” là tên của nhiều đơn vị ({codes}). Hãy ghi đủ loại đơn vị "
                "(phường, xã) hoặc dùng mã.",
                f"“{label}” is the name of several places ({codes}). Write its kind "
                "(ward, commune) too, or use the code.",
                {"name": label},
            )
        if named and not there:
            raise FederationError(
                ErrorCode.INPUT_ROW,
                f"“{label}” không tồn tại trong kỳ {period.text}; hãy kiểm tra kỳ.",
                f"“{label}” does not exist in {period.text}; check the period.",
                {"name": label},
            )
        return there[0] if there else None

    def not_ours(self, place: Place, label: str) -> Skipped:
        """Return the item for a row about another place, or about a total."""
        return (
            control_total(place, label)
            if self._is_control(label)
            else (other_locality(place, label))
        )

    def expected(self, period: Period) -> list[Locality]:
        """Return the owned places that exist in a period."""
        return [place for place in self.all if _exists(place, period)]

    def _named(self, label: str) -> list[Locality]:
        whole = words(label)
        return self._by_name.get(whole) or self._by_name.get(plain_name(label), [])

    def _is_control(self, label: str) -> bool:
        name = f"{words(label)} "
        return name.startswith(
            tuple(f"{total} " for total in (*_TOTALS, *self._rule.controls))
        )


def control_total(place: Place, label: str) -> Skipped:
    """Return the item for a total or a part that is no place."""
    return Skipped(
        place=place,
        reason=CONTROL_TOTAL,
        text_vi=f"“{label}” là số tổng hoặc không phải địa phương: không cộng.",
        text_en=f"“{label}” is a total or no place: never added.",
    )


def _exists(locality: Locality, period: Period) -> bool:
    return (locality.valid_from is None or locality.valid_from < period.end_day) and (
        locality.valid_to is None or period.first_day <= locality.valid_to
    )
