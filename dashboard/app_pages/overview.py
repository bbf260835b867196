"""The first page of any tier: exceptions, indicators, localities, federation."""

from datetime import datetime

import streamlit as st

from dashboard.addresses import AGAIN, HOME, SIGN_IN, View
from dashboard.client import FailureKind, TierCallError
from dashboard.components.attention import attention_view, listed
from dashboard.components.judgement import order_of
from dashboard.components.links import delivering_streams, links_view
from dashboard.components.masthead import masthead
from dashboard.components.places import places_view
from dashboard.components.rendering import render
from dashboard.components.tile import TileView, tile_view
from dashboard.components.tile_details import Namer
from dashboard.formatting import count_text, duration_text, moment_text, parsed_moment
from dashboard.queries import Reading
from dashboard.sessions import Visitor
from dashboard.site import Site
from dashboard.text import Texts, texts
from federation.api.schemas import OverviewOut, TileOut

TILES_MAX = 12
"""More tiles than this are folded away below the first ones."""


MISSED_REFRESHES = 4
"""After so many refreshes without one, the page says that it lost its server."""


def draw(site: Site, view: View) -> None:
    """Draw the page; its body reads the tier again every now and then."""
    token = st.context.cookies.get(site.config.cookie_name, "")
    visitor = site.sessions.visitor(token) if token else None
    words = texts(view.language)
    st.html(
        masthead(
            site.config,
            words,
            view,
            path=HOME,
            username=visitor.username if visitor else "",
            signed_in=visitor is not None,
        )
    )

    @st.fragment(run_every=site.config.refresh_interval_s)
    def body() -> None:
        if visitor is None:
            show_signed_out(words, view)
        else:
            show_reading(site, words, view, visitor, token)

    body()


def show_reading(
    site: Site, words: Texts, view: View, visitor: Visitor, token: str
) -> None:
    """Read the tier and show it, or say why that is not possible."""
    try:
        reading = site.readings.read(visitor, token)
    except TierCallError as error:
        if error.kind is FailureKind.SIGNED_OUT:
            show_signed_out(words, view)
            return
        why = words(f"failure.{error.kind.value}")
        interval = duration_text(site.config.refresh_interval_s, words)
        body = words("failure.nothing_kept", why=why, interval=interval)
        st.html(_message("bad", words("failure.title"), body))
        return
    for part in page_parts(site, words, reading):
        st.html(part)


def show_signed_out(words: Texts, view: View) -> None:
    """Ask the visitor to sign in again."""
    st.html(
        _message(
            "stale",
            words("signed_out.title"),
            words("signed_out.body"),
            action=words("signed_out.action"),
            href=f"{view.address(SIGN_IN)}&{AGAIN}=1",
        )
    )


def show_broken(view: View) -> None:
    """Say that the page itself failed."""
    words = texts(view.language)
    st.html(_message("bad", words("failure.title"), words("failure.script")))


def _message(
    slug: str, title: str, body: str, *, action: str = "", href: str = ""
) -> str:
    return render(
        "message.html", slug=slug, title=title, body=body, action=action, href=href
    )


def page_parts(site: Site, words: Texts, reading: Reading) -> list[str]:
    """Return the sections of the page as HTML, from top to bottom."""
    overview, now = reading.overview, site.clock.now()
    names = Namer(
        names=_names(reading, words),
        indicators=overview.indicators,
        title_locality=overview.locality.id,
        texts=words,
    )
    parts = [_title(site, words, reading, now)]
    if overview.tiles or overview.simulated_tiles:
        attention = attention_view(overview, now=now, names=names, texts=words)
        if overview.tiles:
            parts.append(render("attention.html", t=words, view=attention))
            parts.append(_tiles(overview, overview.tiles, names, now, words))
        if overview.simulated_tiles:
            made_up = overview.simulated_tiles
            parts.append(_tiles(overview, made_up, names, now, words, simulated=True))
    else:
        parts.append(_without_tiles(reading, words))
    if overview.place_count:
        places = places_view(overview, now=now, texts=words)
        parts.append(render("places.html", t=words, view=places))
    made_at = parsed_moment(overview.generated_at) or reading.read_at
    parts.append(
        render(
            "links.html",
            t=words,
            view=links_view(reading, now=now, texts=words),
            generated=moment_text(made_at, words),
            version=overview.tier.version,
        )
    )
    return parts


def _without_tiles(reading: Reading, words: Texts) -> str:
    """Say why there is no tile: nothing came at all, or only figures for elsewhere."""
    delivering = delivering_streams(reading.children, words)
    if not delivering:
        return _message("none", words("empty.title"), words("empty.body"))
    body = words(
        "empty.below_one" if len(delivering) == 1 else "empty.below_many",
        count=count_text(len(delivering), words),
        names=listed(delivering, words),
        section=words("links.title"),
    )
    return _message("none", words("empty.below_title"), body)


def _title(site: Site, words: Texts, reading: Reading, now: datetime) -> str:
    read_at = moment_text(reading.read_at, words, seconds=True)
    failure = ""
    if reading.failure is not None:
        age_s = (now - reading.read_at).total_seconds()
        failure = words(
            "failure.kept",
            why=words(f"failure.{reading.failure.value}"),
            moment=read_at,
            age=duration_text(age_s, words),
            interval=duration_text(site.config.refresh_interval_s, words),
        )
    return render(
        "title.html",
        t=words,
        place=words.of(reading.overview.locality.name),
        moment=read_at,
        drawn_at_ms=int(now.timestamp() * 1000),
        lost_after_ms=int(MISSED_REFRESHES * site.config.refresh_interval_s * 1000),
        failed=reading.failure is not None,
        failure=failure,
    )


def _tiles(
    overview: OverviewOut,
    tiles: list[TileOut],
    names: Namer,
    now: datetime,
    words: Texts,
    *,
    simulated: bool = False,
) -> str:
    section = "simulated" if simulated else "tiles"
    ordered = sorted(
        tiles, key=lambda tile: order_of(tile, overview.indicators[tile.indicator])
    )
    views: list[TileView] = [
        tile_view(
            tile,
            overview.indicators[tile.indicator],
            anchor=f"ioc-{section}-{number}",
            now=now,
            names=names,
            texts=words,
        )
        for number, tile in enumerate(ordered)
    ]
    rest = views[TILES_MAX:]
    return render(
        "tiles.html",
        t=words,
        anchor=f"ioc-{section}",
        title=words(f"{section}.title"),
        lead=words("simulated.lead") if simulated else "",
        tiles=views[:TILES_MAX],
        more=rest,
        more_title=words("tiles.more", count=len(rest)),
        simulated=simulated,
    )


def _names(reading: Reading, words: Texts) -> dict[str, str]:
    overview = reading.overview
    named = {place: words.of(name) for place, name in reading.names.items()}
    named |= {row.locality: words.of(row.name) for row in overview.places}
    named |= {
        tile.locality: words.of(tile.locality_name)
        for tile in (*overview.tiles, *overview.simulated_tiles)
    }
    named[overview.locality.id] = words.of(overview.locality.name)
    return named
