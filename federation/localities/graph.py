"""Finding dated places.

A place belongs to the version of its parent that stood while it stood: where a parent's
code has several versions in time, the one of the place's last day counts. An area has
members instead of children; a place can be in several areas.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality

_BEGINNING = date.min
_SUCCESSORS_NAMED_MAX = 8
_UNITS_KEPT_MAX = 4096
"""More answers of ``units`` than this are computed anew."""
WHOLE = Locality(
    id="VN", code="VN", name_vi="Việt Nam", name_en="Viet Nam", level="nation"
)


class LocalityGraph:
    """All places a tier knows, at one moment; never changes."""

    def __init__(self, localities: Iterable[Locality] = ()) -> None:
        """Hold the given places and the whole they are in."""
        given = {WHOLE.id: WHOLE} | {one.id: one for one in localities}
        self._by_code: dict[str, list[Locality]] = {}
        for one in sorted(given.values(), key=_begin):
            self._by_code.setdefault(one.code, []).append(one)
        self._by_id = {id_: self._settled(given[id_]) for id_ in sorted(given)}
        self._by_code = {
            code: [self._by_id[one.id] for one in versions]
            for code, versions in self._by_code.items()
        }
        self._children: dict[str, list[Locality]] = {}
        self._units: dict[tuple[str, str, int], frozenset[str]] = {}
        self._changes = sorted(_changes(self._by_id.values()))
        self.every_area = tuple(
            one for one in self._by_id.values() if one.level == "area"
        )
        for one in self._by_id.values():
            if one.level != "area":
                self._children.setdefault(one.parent, []).append(one)

    def _settled(self, one: Locality) -> Locality:
        """Return a place with the version of its parent that stood with it."""
        if not one.parent or one.level == "area":
            return one
        code = one.parent.split("@", 1)[0]
        day = one.valid_to or date.max
        for version in self._by_code.get(code, ()):
            if version.level != "area" and version.holds_on(day):
                return replace(one, parent=version.id)
        return one

    def get(self, locality_id: str) -> Locality | None:
        """Return the locality of an id."""
        return self._by_id.get(locality_id)

    def all(self) -> list[Locality]:
        """Return every place in id order."""
        return list(self._by_id.values())

    def bearing(self, code: str) -> list[Locality]:
        """Return all localities that ever bore a code, oldest first."""
        return list(self._by_code.get(code, ()))

    def resolve(self, code: str, day: date) -> Locality:
        """Return the locality that bore a code, or has an id, on a day.

        Raises:
            FederationError: ``INPUT_ROW`` when the code is unknown, or was valid only
                at another time (the text says when, and what took its place).
        """
        by_id = self._by_id.get(code) if "@" in code else None
        versions = [by_id] if by_id else self.bearing(code)
        if not versions:
            raise FederationError(
                ErrorCode.INPUT_ROW,
                f"Không có đơn vị nào mang mã “{code}”. Hãy đối chiếu mã với danh mục "
                "hành chính, hoặc nhập danh mục mới hơn.",
                f"The code “{code}” is unknown. Check it against the official list, "
                "or import a newer list.",
                {"code": code, "day": day.isoformat()},
            )
        for version in versions:
            if version.holds_on(day):
                return version
        raise self._wrong_time(code, day, versions)

    def _wrong_time(
        self, code: str, day: date, versions: Sequence[Locality]
    ) -> FederationError:
        where = {"code": code, "day": day.isoformat()}
        earlier = [one for one in versions if one.valid_to and one.valid_to < day]
        if not earlier:
            first = versions[0]
            begin = (first.valid_from or _BEGINNING).isoformat()
            return FederationError(
                ErrorCode.INPUT_ROW,
                f"Mã “{code}” ({first.name_vi}) chỉ có hiệu lực từ {begin}, chưa có "
                f"vào ngày {day.isoformat()}. Hãy dùng mã của thời kỳ đó.",
                f"The code “{code}” ({first.name_en}) is valid only from {begin}, not "
                f"yet on {day.isoformat()}. Use the code of that time.",
                where,
            )
        last = earlier[-1]
        until = (last.valid_to or day).isoformat()
        names_vi, names_en = self._named_successors(last, day)
        return FederationError(
            ErrorCode.INPUT_ROW,
            f"Mã “{code}” ({last.name_vi}) chỉ có hiệu lực đến {until}; {names_vi}",
            f"The code “{code}” ({last.name_en}) was valid only until {until}; "
            f"{names_en}",
            where,
        )

    def _named_successors(self, last: Locality, day: date) -> tuple[str, str]:
        found = self.successors(last, day)
        if not found:
            return (
                "hãy dùng mã của đơn vị hiện nay.",
                "use the code of today's unit.",
            )
        named = found[:_SUCCESSORS_NAMED_MAX]
        more = ", …" if len(found) > len(named) else ""
        vi = ", ".join(f"{one.code} {one.name_vi}" for one in named) + more
        en = ", ".join(f"{one.code} {one.name_en}" for one in named) + more
        return f"các đơn vị hiện nay: {vi}.", f"today's units are {en}."

    def successors(self, place: Locality, day: date) -> list[Locality]:
        """Return the places that stand for a former one on a day, in id order."""
        found: dict[str, Locality] = {}
        queue, seen = list(place.successors), {place.id}
        while queue:
            one = self._by_id.get(queue.pop())
            if one is None or one.id in seen:
                continue
            seen.add(one.id)
            if one.holds_on(day):
                found[one.id] = one
            else:
                queue += one.successors
        return [found[id_] for id_ in sorted(found)]

    def members(self, area: str, day: date) -> list[Locality]:
        """Return the members of an area on a day, in id order."""
        place = self._by_id.get(area)
        ids = sorted(
            member.locality
            for member in (place.members if place else ())
            if member.holds_on(day)
        )
        return [self._by_id[id_] for id_ in ids if id_ in self._by_id]

    def parts(
        self, locality_id: str, day: date, *, level: str | None = None
    ) -> list[Locality]:
        """Return the parts of a place on a day, in id order.

        Without a level: of an area its members, of another place the places right
        below it (areas are not parts). With a level: all places of it at any depth.
        """
        place = self._by_id.get(locality_id)
        if place is None:
            return []
        if level is None:
            return self._direct(place, day)
        found: dict[str, Locality] = {}
        # Places are announced by others: one may be said to be a part of itself.
        seen: set[str] = set()
        queue = self._direct(place, day)
        while queue:
            one = queue.pop()
            if one.id in seen:
                continue
            seen.add(one.id)
            if one.level == level:
                found[one.id] = one
            else:
                queue += self._direct(one, day)
        return [found[id_] for id_ in sorted(found)]

    def era(self, day: date) -> int:
        """Return a number that all days have between two changes of any place."""
        return bisect_right(self._changes, day)

    def units(self, locality_id: str, level: str, day: date) -> frozenset[str]:
        """Return the ids of a place's parts of a level on a day."""
        key = (locality_id, level, self.era(day))
        found = self._units.get(key)
        if found is None:
            parts = self.parts(locality_id, day, level=level)
            found = frozenset(part.id for part in parts)
            if len(self._units) >= _UNITS_KEPT_MAX:
                self._units.clear()
            self._units[key] = found
        return found

    def _direct(self, place: Locality, day: date) -> list[Locality]:
        if place.level == "area":
            return self.members(place.id, day)
        return [
            one
            for one in self.below(place)
            if one.holds_on(day) and (one.parent == place.id or place.holds_on(day))
        ]

    def below(self, place: Locality) -> list[Locality]:
        """Return the places right below one, of all times; areas are not.

        A part of a later version of a place was in the one before, as far as it is
        older than that version: both must hold on a day.
        """
        found = list(self._children.get(place.id, ()))
        for version in self._by_code.get(place.code, ()) if place.valid_to else ():
            begin = version.valid_from
            later = begin is not None and begin > (place.valid_to or date.max)
            if later and version.level == place.level:
                found += self._children.get(version.id, ())
        return found

    def areas(self, locality_id: str) -> list[Locality]:
        """Return the areas that belong to a place, in id order."""
        return [one for one in self.every_area if one.parent == locality_id]

    def ancestors(self, locality_id: str) -> Iterator[Locality]:
        """Yield what a place belongs to, nearest first."""
        seen = {locality_id}
        place = self._by_id.get(locality_id)
        while place is not None and place.parent not in seen:
            seen.add(place.parent)
            place = self._by_id.get(place.parent)
            if place is not None:
                yield place

    def contains(self, place: str, part: str, first: date, last: date) -> bool:
        """Return whether a place is another, or holds it on some of the days."""
        if place == part:
            return True
        lineage = [part, *(one.id for one in self.ancestors(part))]
        if place in lineage:
            return True
        area = self._by_id.get(place)
        return area is not None and any(
            member.locality in lineage
            and (member.valid_from or _BEGINNING) <= last
            and first <= (member.valid_to or date.max)
            for member in area.members
        )


def _changes(places: Iterable[Locality]) -> set[date]:
    """Return the days on which a place or a membership begins, or is no more."""
    found: set[date] = set()
    for one in places:
        spans = [(one.valid_from, one.valid_to)]
        spans += [(member.valid_from, member.valid_to) for member in one.members]
        for first, last in spans:
            if first is not None:
                found.add(first)
            if last is not None and last < date.max:
                found.add(last + timedelta(days=1))
    return found


def _begin(locality: Locality) -> tuple[date, str]:
    return (locality.valid_from or _BEGINNING, locality.id)
