"""What the pages read, and what they show while the tier does not answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.answers import Answer, Answers
from dashboard.client import TierClient
from dashboard.detail_query import Detail, DetailAsked, if_there, read_detail
from dashboard.sessions import Visitor
from federation.api.owed_schemas import ObligationOut
from federation.api.schemas import ChildrenOut, LinksOut, OverviewOut, TextOut
from federation.clock import Clock

FRESH_FOR = timedelta(seconds=2)
"""A reading this young is served to the next asker without a call."""

OVERDUE = "overdue"

OWED_FRESH_FOR = timedelta(seconds=60)
"""Who owes what changes with deadlines, not with every figure; it is large to read."""

OWED_PAGES_MAX = {
    OVERDUE: 5,
    "within_grace": 5,
    "due": 5,
    "fresh": 5,
    "not_connected": 1,
    "ended": 1,
}
"""Pages of obligations read of each state; the page says where there are more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """Who owes what; of the states in ``more`` there are further ones nobody read.

    ``names`` are short names of indicators by id.
    """

    items: Sequence[ObligationOut]
    names: Mapping[str, TextOut]
    more: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _OwedIn:
    """Obligations of one state; ``more`` names it where they were too many."""

    items: Sequence[ObligationOut]
    more: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstPage:
    """The tier's first page, with the names and obligations it speaks of.

    ``names`` are those of the places below the tier's own, by id. ``silent`` are
    the overdue obligations. Of the past neither they nor streams and links are known.
    """

    overview: OverviewOut
    names: Mapping[str, TextOut]
    children: ChildrenOut | None
    links: LinksOut | None
    silent: Sequence[ObligationOut]


class Readings:
    """Reads the tier and keeps the last answers; safe to share between threads.

    Each method raises ``TierCallError`` when the visitor is not (or no longer) signed
    in, or the tier can't be read and nothing was read before.
    """

    def __init__(self, client: TierClient, clock: Clock) -> None:
        """Start with nothing kept."""
        self._client = client
        self._clock = clock
        self._answers = Answers(clock)

    def overview(
        self, visitor: Visitor, token: str, *, as_of: datetime | None = None
    ) -> Answer[FirstPage]:
        """Return the tier's first page, now or as it was known at a moment."""

        def ask(kept: FirstPage | None) -> FirstPage:
            return self._ask_overview(visitor, token, as_of, kept)

        question = ("overview", as_of)
        return self._answers.read(visitor, question, ask, fresh_for=FRESH_FOR)

    def detail(
        self, visitor: Visitor, token: str, asked: DetailAsked
    ) -> Answer[Detail]:
        """Return an indicator of a place: its series, its revisions, its rules."""

        def ask(_kept: Detail | None) -> Detail:
            return read_detail(self._client, token, asked, self._clock.now())

        question = ("detail", asked)
        return self._answers.read(visitor, question, ask, fresh_for=FRESH_FOR)

    def owed(self, visitor: Visitor, token: str) -> Answer[Owed]:
        """Return who owes what to this tier."""
        answers = [self._owed_in(visitor, token, state) for state in OWED_PAGES_MAX]
        names = self._answers.read(
            visitor,
            "indicators",
            lambda _kept: _short_names(self._client, token),
            fresh_for=OWED_FRESH_FOR,
        )
        oldest = min(answers, key=lambda answer: answer.read_at)
        found = Owed(
            items=[one for answer in answers for one in answer.content.items],
            names=names.content,
            more=frozenset[str]().union(*(answer.content.more for answer in answers)),
        )
        failed = next((answer for answer in answers if answer.failure), oldest)
        return Answer(content=found, read_at=oldest.read_at, failure=failed.failure)

    def silent(self, visitor: Visitor, token: str) -> Sequence[ObligationOut]:
        """Return who owes what and is late, the grace included."""
        return self._owed_in(visitor, token, OVERDUE).content.items

    def _owed_in(self, visitor: Visitor, token: str, state: str) -> Answer[_OwedIn]:
        def ask(_kept: _OwedIn | None) -> _OwedIn:
            return _owed_in(self._client, token, state)

        question = ("owed", state)
        return self._answers.read(visitor, question, ask, fresh_for=OWED_FRESH_FOR)

    def forget(self, visitor: Visitor) -> None:
        """Drop what was read for a visitor who left."""
        self._answers.forget(visitor)

    def _ask_overview(
        self,
        visitor: Visitor,
        token: str,
        as_of: datetime | None,
        kept: FirstPage | None,
    ) -> FirstPage:
        query = {"as_of": as_of.isoformat()} if as_of is not None else {}
        overview = self._client.overview(token, query)
        past = as_of is not None
        return FirstPage(
            overview=overview,
            names=self._names(token, overview, kept),
            # How streams stand and who is silent is known of the present only.
            children=None if past else if_there(lambda: self._client.children(token)),
            links=None if past else if_there(lambda: self._client.links(token)),
            silent=() if past else if_there(lambda: self.silent(visitor, token)) or (),
        )

    def _names(
        self, token: str, overview: OverviewOut, kept: FirstPage | None
    ) -> Mapping[str, TextOut]:
        """Return the names of places; asked again only when some are unknown."""
        wanted = {
            place
            for tile in (*overview.tiles, *overview.simulated_tiles)
            for place in (
                *tile.value.coverage.missing,
                *(one.locality for one in tile.value.coverage.absent),
            )
            if place not in overview.indicators
        }
        known = kept.names if kept is not None else {}
        if wanted <= known.keys():
            return known
        own = overview.locality.id
        found = if_there(lambda: self._client.parts_of(token, own))
        named = {place.id: place.name for place in found.items} if found else {}
        # What is named nowhere is not asked for again and again.
        return {place: named.get(place) or _by_code(place) for place in wanted}


def _owed_in(client: TierClient, token: str, state: str) -> _OwedIn:
    items: list[ObligationOut] = []
    cursor: str | None = ""
    for _ in range(OWED_PAGES_MAX[state]):
        page = client.obligations(token, {"state": state, "cursor": cursor or ""})
        items += page.items
        cursor = page.next
        if cursor is None:
            return _OwedIn(items=items, more=frozenset())
    return _OwedIn(items=items, more=frozenset({state}))


def _short_names(client: TierClient, token: str) -> Mapping[str, TextOut]:
    return {one.id: one.short_name for one in client.indicators(token).items}


def _by_code(place: str) -> TextOut:
    code = place.partition("@")[0]
    return TextOut(vi=code, en=code)
