"""Who owes what: how many are in which state, and a line for each."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dashboard.addresses import (
    DETAIL,
    INDICATOR,
    LOCALITY,
    OWED,
    PAGE_NUMBER,
    STANDING,
    View,
)
from dashboard.formatting import (
    collation_key,
    count_text,
    moment_text,
    parsed_moment,
    period_text,
)
from dashboard.text import Texts
from federation.api.owed_schemas import ObligationOut
from federation.api.schemas import TextOut

ENDED = "ended"
STANDINGS = ("overdue", "within_grace", "due", "fresh", "not_connected", "ended")
"""All states, the silent first."""

LINES_MAX = 100
"""Lines on one page; the rest is on further ones."""

_SHAPES = {
    "overdue": "bad",
    "within_grace": "watch",
    "due": "unjudged",
    "fresh": "ok",
    "not_connected": "none",
    "ended": "stale",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingChoice:
    """A state with its count, as a link that shows only those."""

    slug: str
    word: str
    count: str
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedLine:
    """Somebody owes something."""

    slug: str
    word: str
    since: str
    indicator: str
    href: str
    locality: str
    agency: str
    by_agency: bool
    awaited: str
    nothing: str
    due: str
    last: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedView:
    """One page of obligations."""

    choices: list[StandingChoice]
    lines: list[OwedLine]
    filtered: str
    clear: str
    previous: str
    following: str
    place: str


def owed_view(
    items: Sequence[ObligationOut],
    names: Mapping[str, TextOut],
    view: View,
    texts: Texts,
    *,
    more: Collection[str] = (),
) -> OwedView:
    """Return the page of obligations that an address asks for."""
    indicator, locality = view.get(INDICATOR), view.get(LOCALITY)
    within = [
        one
        for one in items
        if indicator in ("", one.indicator) and locality in ("", one.locality)
    ]
    standing = view.get(STANDING) if view.get(STANDING) in STANDINGS else ""
    # What nobody owes any more is shown only to who asks for it.
    in_force = [one for one in within if one.state != ENDED]
    shown = [one for one in within if one.state == standing] if standing else in_force
    shown.sort(key=lambda one: _order(one, names, texts))
    pages = max(1, -(-len(shown) // LINES_MAX))
    asked = view.get(PAGE_NUMBER)
    page = min(int(asked), pages) if asked.isdecimal() and int(asked) > 0 else 1
    first = (page - 1) * LINES_MAX

    def turned(number: int) -> str:
        if not 1 <= number <= pages:
            return ""
        return view.here(OWED, {PAGE_NUMBER: str(number)})

    return OwedView(
        choices=_choices(within, standing, more, view, texts),
        lines=[
            owed_line(one, names, view, texts)
            for one in shown[first : first + LINES_MAX]
        ],
        filtered=_filtered(within, indicator, locality, names, texts),
        clear=view.here(OWED, {INDICATOR: "", LOCALITY: "", PAGE_NUMBER: ""}),
        previous=turned(page - 1),
        following=turned(page + 1),
        place=texts("owed.page", page=page, pages=pages) if pages > 1 else "",
    )


def owed_line(
    one: ObligationOut, names: Mapping[str, TextOut], view: View, texts: Texts
) -> OwedLine:
    """Return an obligation in words."""

    def period(text: str | None) -> str:
        return period_text(text, texts) if text else ""

    def moment(text: str | None) -> str:
        found = parsed_moment(text)
        return "" if found is None else moment_text(found, texts)

    named = names.get(one.indicator)
    return OwedLine(
        slug=_SHAPES[one.state],
        word=texts(f"owed.{one.state}"),
        since=moment(one.since)
        if one.state == "overdue" and one.last_period is not None
        else "",
        indicator=texts.of(named) if named else one.indicator,
        href=view.address(DETAIL, {INDICATOR: one.indicator, LOCALITY: one.locality}),
        locality=texts.of(one.locality_name),
        agency=texts.of(one.agency_name),
        by_agency=one.agency is not None,
        awaited=period(one.awaited_period),
        nothing=texts(
            "owed.nobody" if one.state == "not_connected" else "owed.nothing"
        ),
        due=moment(one.due_at),
        last=period(one.last_period),
    )


def _order(
    one: ObligationOut, names: Mapping[str, TextOut], texts: Texts
) -> tuple[int, str, object, object]:
    """Return the key of a line: the silent first, the longest silent before others."""
    named = names.get(one.indicator)
    return (
        STANDINGS.index(one.state),
        one.since or one.due_at or "",
        collation_key(texts.of(named) if named else one.indicator),
        collation_key(texts.of(one.locality_name)),
    )


def _choices(
    within: Sequence[ObligationOut],
    standing: str,
    more: Collection[str],
    view: View,
    texts: Texts,
) -> list[StandingChoice]:
    found = Counter[str](one.state for one in within)

    def count(number: int, states: Collection[str]) -> str:
        plain = count_text(number, texts)
        return texts("owed.over", count=plain) if set(states) & set(more) else plain

    def href(slug: str) -> str:
        return view.here(OWED, {STANDING: slug, PAGE_NUMBER: ""})

    everything = StandingChoice(
        slug="",
        word=texts("owed.all"),
        count=count(len(within) - found[ENDED], set(STANDINGS) - {ENDED}),
        href=href(""),
        chosen=not standing,
    )
    return [
        everything,
        *(
            StandingChoice(
                slug=_SHAPES[slug],
                word=texts(f"owed.{slug}"),
                count=count(found[slug], {slug}),
                href=href(slug),
                chosen=slug == standing,
            )
            for slug in STANDINGS
        ),
    ]


def _filtered(
    within: Sequence[ObligationOut],
    indicator: str,
    locality: str,
    names: Mapping[str, TextOut],
    texts: Texts,
) -> str:
    """Return to what the page is narrowed, or nothing."""
    parts = []
    if indicator:
        named = names.get(indicator)
        parts.append(texts.of(named) if named else indicator)
    if locality:
        told = next((one.locality_name for one in within), None)
        parts.append(texts.of(told) if told else locality.partition("@")[0])
    return texts("owed.filtered", what=" · ".join(parts)) if parts else ""
