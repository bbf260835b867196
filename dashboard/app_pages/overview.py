"""The first page of any tier: exceptions, indicators, localities, federation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.addresses import (
    AS_OF,
    DETAIL,
    HOME,
    INDICATOR,
    LOCALITY,
    PART,
    PERIOD,
    View,
)
from dashboard.answers import Answer
from dashboard.app_pages import frame
from dashboard.components.attention import attention_view, listed
from dashboard.components.judgement import order_of
from dashboard.components.links import delivering_streams, links_view
from dashboard.components.past import past_part
from dashboard.components.places import places_view
from dashboard.components.rendering import render
from dashboard.components.tile import TileView, tile_view
from dashboard.components.tile_details import Namer
from dashboard.formatting import count_text, moment_text, parsed_moment
from dashboard.queries import FirstPage
from dashboard.sessions import Visitor
from dashboard.site import Site
from dashboard.text import Texts, texts
from federation.api.owed_schemas import ObligationOut
from federation.api.schemas import OverviewOut, TileOut

TILES_MAX = 12
"""More tiles than this are folded away below the first ones."""


def draw(site: Site, view: View) -> None:
    """Draw the page."""
    words = texts(view.language)

    def body(visitor: Visitor, token: str) -> list[str]:
        as_of = frame.asked_moment(view)
        answer = site.readings.overview(visitor, token, as_of=as_of)
        return page_parts(site, words, view, answer)

    frame.draw(site, view, HOME, body)


def page_parts(
    site: Site, words: Texts, view: View, answer: Answer[FirstPage]
) -> list[str]:
    """Return the sections of the page as HTML, from top to bottom."""
    page, present = answer.content, site.clock.now()
    overview = page.overview
    # Of the past, ages are counted as they were then.
    now = parsed_moment(overview.as_of) or present
    names = Namer(
        names=_names(page, words),
        indicators=overview.indicators,
        title_locality=overview.locality.id,
        texts=words,
    )
    place = words.of(overview.locality.name)
    sub = words("app.overview")
    parts = [
        frame.title(site, words, answer, heading=place, sub=sub),
        past_part(overview, view, HOME, now=present, texts=words),
    ]
    tiles = _Tiles(
        overview=overview,
        names=names,
        silent=page.silent,
        now=now,
        words=words,
        view=view,
    )
    if overview.tiles or overview.simulated_tiles:
        attention = attention_view(overview, now=now, names=names, texts=words)
        if overview.tiles:
            parts.append(render("attention.html", t=words, view=attention))
            parts.append(tiles.section(overview.tiles))
        if overview.simulated_tiles:
            parts.append(tiles.section(overview.simulated_tiles, simulated=True))
    else:
        parts.append(_without_tiles(page, words))
    if overview.place_count:
        places = places_view(overview, now=now, texts=words, silent=page.silent)
        parts.append(render("places.html", t=words, view=places))
    made_at = parsed_moment(overview.generated_at) or answer.read_at
    parts.append(
        render(
            "links.html",
            t=words,
            view=links_view(page, now=now, texts=words),
            past=overview.as_of is not None,
            generated=moment_text(made_at, words),
            version=overview.tier.version,
        )
    )
    return parts


def _without_tiles(page: FirstPage, words: Texts) -> str:
    """Say why there is no tile: nothing came at all, or only figures for elsewhere."""
    if page.overview.as_of is not None:
        return frame.message("none", words("empty.title"), words("empty.then"))
    delivering = delivering_streams(page.children, words)
    if not delivering:
        return frame.message("none", words("empty.title"), words("empty.body"))
    body = words(
        "empty.below_one" if len(delivering) == 1 else "empty.below_many",
        count=count_text(len(delivering), words),
        names=listed(delivering, words),
        section=words("links.title"),
    )
    return frame.message("none", words("empty.below_title"), body)


def detail_address(view: View, tile: TileOut) -> str:
    """Return the address of the page about a tile's series, at the same moment."""
    return view.address(
        DETAIL,
        {
            INDICATOR: tile.indicator,
            LOCALITY: tile.locality,
            PART: tile.breakdown or "",
            PERIOD: tile.value.period,
            AS_OF: view.get(AS_OF),
        },
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tiles:
    """What every section of tiles is made with."""

    overview: OverviewOut
    names: Namer
    silent: Sequence[ObligationOut]
    now: datetime
    words: Texts
    view: View

    def section(self, tiles: list[TileOut], *, simulated: bool = False) -> str:
        """Return a section: the measured or the generated figures."""
        section = "simulated" if simulated else "tiles"
        contracts = self.overview.indicators
        ordered = sorted(
            tiles, key=lambda tile: order_of(tile, contracts[tile.indicator])
        )
        views: list[TileView] = [
            tile_view(
                tile,
                contracts[tile.indicator],
                anchor=f"ioc-{section}-{number}",
                now=self.now,
                names=self.names,
                texts=self.words,
                silent=self.silent,
                href=detail_address(self.view, tile),
            )
            for number, tile in enumerate(ordered)
        ]
        rest = views[TILES_MAX:]
        return render(
            "tiles.html",
            t=self.words,
            anchor=f"ioc-{section}",
            title=self.words(f"{section}.title"),
            lead=self.words("simulated.lead") if simulated else "",
            tiles=views[:TILES_MAX],
            more=rest,
            more_title=self.words("tiles.more", count=len(rest)),
            simulated=simulated,
        )


def _names(page: FirstPage, words: Texts) -> dict[str, str]:
    overview = page.overview
    named = {place: words.of(name) for place, name in page.names.items()}
    named |= {row.locality: words.of(row.name) for row in overview.places}
    named |= {
        tile.locality: words.of(tile.locality_name)
        for tile in (*overview.tiles, *overview.simulated_tiles)
    }
    named[overview.locality.id] = words.of(overview.locality.name)
    return named
