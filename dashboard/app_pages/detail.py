"""One indicator at one place: its series, both statements, revisions and rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.addresses import (
    AS_OF,
    BOUNDARIES,
    DETAIL,
    HOME,
    INDICATOR,
    LOCALITY,
    OWED,
    PART,
    PERIOD,
    TODAY,
    Choice,
    View,
)
from dashboard.answers import Answer
from dashboard.app_pages import frame
from dashboard.components.absent import absent_groups, unapportioned_lines
from dashboard.components.contract import contract_lines, without_code
from dashboard.components.headline import headline, measure_details, value_words
from dashboard.components.obligations import owed_line
from dashboard.components.past import past_part
from dashboard.components.rendering import render
from dashboard.components.revisions import revision_lines
from dashboard.components.series import series_view
from dashboard.components.silence import silence_words, silent_for
from dashboard.components.tile import tags_of, target_text, value_coverage
from dashboard.components.tile_details import Detail as Line
from dashboard.components.tile_details import part_name, twin_words
from dashboard.detail_query import Detail, DetailAsked
from dashboard.formatting import (
    age_text,
    count_text,
    day_text,
    local,
    moment_text,
    parsed_moment,
    period_in_sentence,
    period_text,
)
from dashboard.sessions import Visitor
from dashboard.site import Site
from dashboard.text import Texts, texts
from federation.api.schemas import CoverageOut, TextOut, ValueOut
from federation.model.row import SIMULATED_FEED

UNIVERSAL = "utc"
"""The calendar whose days are not those of Vietnam."""


def draw(site: Site, view: View) -> None:
    """Draw the page."""
    words = texts(view.language)

    def body(visitor: Visitor, token: str) -> list[str]:
        if not view.get(INDICATOR) or not view.get(LOCALITY):
            return [_nothing_asked(words, view)]
        asked = DetailAsked(
            indicator=view.get(INDICATOR),
            locality=view.get(LOCALITY),
            part=view.get(PART),
            period=view.get(PERIOD),
            as_of=frame.asked_moment(view),
            today=view.get(BOUNDARIES) == TODAY,
        )
        answer = site.readings.detail(visitor, token, asked)
        return page_parts(site, words, view, answer)

    frame.draw(site, view, DETAIL, body)


def page_parts(
    site: Site, words: Texts, view: View, answer: Answer[Detail]
) -> list[str]:
    """Return the sections of the page as HTML, from top to bottom."""
    seen = _Seen(
        detail=answer.content,
        words=words,
        view=view,
        name=_namer(answer.content, words),
    )
    detail, present = answer.content, site.clock.now()
    part = part_name(view.get(PART), detail.indicator, words)
    place = words.of(detail.locality.name)
    parts = [
        frame.title(
            site,
            words,
            answer,
            heading=words.of(detail.indicator.name),
            sub=f"{place} · {part}" if part else place,
            back=view.address(HOME, {AS_OF: view.get(AS_OF)}),
        ),
        past_part(detail.values, view, DETAIL, now=present, texts=words),
    ]
    if view.get(PART) == SIMULATED_FEED:
        parts.append(render("warning.html", words=words("simulated.lead")))
    parts.append(seen.boundaries())
    if detail.series:
        now = parsed_moment(detail.values.as_of) or present
        age = ""
        if detail.chosen is not None:
            age = age_text(detail.chosen.period, now, words)
        parts += [seen.hero(age), seen.series(), seen.parts(), seen.revisions()]
    else:
        title, nothing = words("detail.empty_title"), words("detail.empty_body")
        generated = view.get(PART) == SIMULATED_FEED
        parts.append(
            frame.message(
                "none",
                title,
                nothing,
                action="" if generated else words("detail.empty_action"),
                href=view.here(DETAIL, {PART: SIMULATED_FEED}),
            )
        )
    parts += [seen.owed(), seen.contract()]
    return [part for part in parts if part]


def _nothing_asked(words: Texts, view: View) -> str:
    return frame.message(
        "none",
        words("failure.absent_title"),
        words("detail.nothing_asked"),
        action=words("nav.overview"),
        href=view.address(HOME),
    )


def _namer(detail: Detail, words: Texts) -> Callable[[str], str]:
    named: Mapping[str, TextOut] = {
        **detail.names,
        detail.locality.id: detail.locality.name,
    }

    def name(locality: str) -> str:
        found = named.get(locality)
        return words.of(found) if found else locality.partition("@")[0]

    return name


@dataclass(frozen=True, kw_only=True, slots=True)
class _ToDate:
    """The value since the year began, or why it is not made; all empty: neither."""

    value: str = ""
    span: str = ""
    coverage: str = ""
    refusal: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What every section is made of."""

    detail: Detail
    words: Texts
    view: View
    name: Callable[[str], str]

    def boundaries(self) -> str:
        """Return the choice of boundaries, and what today's leave out."""
        detail, words = self.detail, self.words
        today = self.view.get(BOUNDARIES) == TODAY
        refusal = without_code(detail.boundaries_refusal, detail.indicator, words)
        return render(
            "boundaries.html",
            t=words,
            choices=[
                Choice(
                    code=code,
                    name=words(f"boundaries.{name}"),
                    short=code,
                    href=self.view.here(DETAIL, {BOUNDARIES: code}),
                    chosen=today == bool(code),
                )
                for code, name in (("", "then"), (TODAY, "today"))
            ],
            refusal=refusal,
            today=today and not refusal,
            left_out=unapportioned_lines(detail.values.unapportioned, self.name, words),
        )

    def hero(self, age: str) -> str:
        """Return the chosen period's value with everything that limits it."""
        detail, words, value = self.detail, self.words, self.detail.chosen
        asked = self.view.get(PERIOD)
        if value is None:
            gone = words("detail.no_such_period", period=period_text(asked, words))
            return render("warning.html", words=gone)
        calendar = value.calendar
        owed = detail.owed or ()
        silent = silent_for(owed, locality=value.locality)
        return render(
            "detail_hero.html",
            t=words,
            headline=headline(value, detail.indicator, words),
            period=words(
                "tile.age",
                period=period_in_sentence(value.period, words, calendar=calendar),
                age=age,
            ),
            span=self._span(value),
            target=target_text(detail.indicator, words),
            coverage=value_coverage(value, words),
            tags=tags_of(value, words, simulated=value.simulated),
            silence=silence_words(silent, words),
            lines=self._hero_lines(value),
            absent=absent_groups(value.coverage, self.name, words),
            to_date=self._year_to_date(),
        )

    def _span(self, value: ValueOut) -> str:
        begin, end = parsed_moment(value.period_start), parsed_moment(value.period_end)
        if begin is None or end is None or value.frequency == "hour":
            return ""
        if value.calendar != UNIVERSAL:
            begin, end = local(begin), local(end)
        first = day_text(begin.date(), self.words)
        last = day_text((end - timedelta(microseconds=1)).date(), self.words)
        return self.words("detail.span", first=first, last=last)

    def _hero_lines(self, value: ValueOut) -> list[Line]:
        words, indicator = self.words, self.detail.indicator
        due = parsed_moment(value.due_at)
        known = parsed_moment(value.known_at)
        source = value.source or ""
        rows = (
            *measure_details(value, indicator, words),
            ("basis", words.get(f"basis.{value.basis}", value.basis)),
            ("twin", twin_words(value, indicator, words)),
            ("due_moment", "" if due is None else moment_text(due, words)),
            ("source", words.get(f"source.{source}", source)),
            ("known", "" if known is None else moment_text(known, words)),
        )
        found = [Line(label=words(f"detail.{key}"), value=told) for key, told in rows]
        found += [
            Line(
                label=words("detail.other_agency", agency=other.agency or ""),
                value=value_words(other, indicator, words),
            )
            for other in self.detail.others
        ]
        return [line for line in found if line.value]

    def _year_to_date(self) -> _ToDate:
        """Return the value since the year began, or why there is none."""
        detail, words = self.detail, self.words
        window = detail.year_to_date
        if window is not None and window.items:
            first, last = (
                day_text(date.fromisoformat(day), words)
                for day in (window.first_day, window.last_day)
            )
            value = window.items[0]
            return _ToDate(
                value=value_words(value, detail.indicator, words),
                span=words("detail.from_to", first=first, last=last),
                coverage=self._window_coverage(value.coverage, window.base_periods),
            )
        refusal = detail.year_to_date_refusal
        return _ToDate(refusal=without_code(refusal, detail.indicator, words))

    def _window_coverage(self, coverage: CoverageOut, periods: int) -> str:
        if not coverage.expected:
            return self.words("tile.coverage_unknown")
        return self.words(
            "detail.window_coverage",
            reported=count_text(coverage.reported, self.words),
            expected=count_text(coverage.expected, self.words),
            periods=count_text(periods, self.words),
        )

    def series(self) -> str:
        """Return the newest periods, both statements side by side."""
        detail, words = self.detail, self.words
        chosen = detail.chosen.period if detail.chosen is not None else ""
        shown = series_view(
            detail.series,
            detail.indicator,
            chosen=chosen,
            href=lambda period: self.view.here(DETAIL, {PERIOD: period}),
            texts=words,
        )
        rolled_up = detail.series[-1].basis == "rolled_up"
        return render("detail_series.html", t=words, view=shown, rolled_up=rolled_up)

    def parts(self) -> str:
        """Return the breakdowns of the chosen period."""
        detail, words = self.detail, self.words
        if not detail.parts or detail.chosen is None:
            return ""
        rows = [
            (
                part_name(one.breakdown or "", detail.indicator, words),
                value_words(one, detail.indicator, words),
                words.get(f"basis.{one.basis}", one.basis),
                self.view.here(DETAIL, {PART: one.breakdown or ""}),
            )
            for one in detail.parts
        ]
        period = period_in_sentence(
            detail.chosen.period, words, calendar=detail.chosen.calendar
        )
        return render("detail_parts.html", t=words, rows=rows, period=period)

    def revisions(self) -> str:
        """Return the versions of the chosen period's value."""
        detail, words = self.detail, self.words
        if detail.chosen is None:
            return ""
        versions = detail.versions.items if detail.versions is not None else []
        period = period_in_sentence(
            detail.chosen.period, words, calendar=detail.chosen.calendar
        )
        return render(
            "detail_revisions.html",
            t=words,
            lines=revision_lines(versions, detail.indicator, words),
            period=period,
        )

    def owed(self) -> str:
        """Return who owes this indicator for this place; nothing of the past."""
        detail, words = self.detail, self.words
        if detail.owed is None:
            return ""
        names = {detail.indicator.id: detail.indicator.short_name}
        asked = {INDICATOR: detail.indicator.id}
        return render(
            "detail_owed.html",
            t=words,
            lines=[owed_line(one, names, self.view, words) for one in detail.owed],
            below=bool(detail.series) and detail.series[-1].basis == "rolled_up",
            href=self.view.address(OWED, asked),
        )

    def contract(self) -> str:
        """Return what the indicator is."""
        lines = contract_lines(self.detail.indicator, self.words)
        return render("detail_contract.html", t=self.words, lines=lines)
