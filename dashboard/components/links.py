"""The streams between this tier and its neighbours, and how far they got."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.formatting import duration_text, moment_text, parsed_moment
from dashboard.queries import Reading
from dashboard.text import Texts
from federation.api.schemas import ChildOut, LinkOut

_STATE_OF_LINK = {
    "connected": "ok",
    "connecting": "watch",
    "refused": "bad",
    "stopped": "stale",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamView:
    """One stream: its state, how far it got, when it last moved, what is wrong."""

    name: str
    state: str
    word: str
    progress: str
    last: str
    trouble: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinksView:
    """Streams from below and to above; None where that could not be read."""

    children: list[StreamView] | None
    parents: list[StreamView] | None
    summary: str


def links_view(reading: Reading, *, now: datetime, texts: Texts) -> LinksView:
    """Return the neighbours of the tier."""
    children = None if reading.children is None else reading.children.items
    links = None if reading.links is None else reading.links.items
    return LinksView(
        children=None
        if children is None
        else [_child(child, now, texts) for child in children],
        parents=None if links is None else [_link(link, now, texts) for link in links],
        summary=_summary(children, links, texts),
    )


def _child(child: ChildOut, now: datetime, texts: Texts) -> StreamView:
    faulty = child.dead_letters
    return StreamView(
        name=texts.of(child.area_name),
        state="ok" if child.connected else "stale",
        word=texts("links.up" if child.connected else "links.down"),
        progress=texts(
            "links.taken_in", projected=child.projected, high=child.high_watermark
        ),
        last=_ago(child.last_committed_at, now, texts),
        trouble=texts("links.dead_letters", count=faulty) if faulty else "",
    )


def _link(link: LinkOut, now: datetime, texts: Texts) -> StreamView:
    progress = texts(
        "links.acknowledged", acknowledged=link.acknowledged, sealed=link.sealed
    )
    waiting = (
        texts("links.pending", count=link.pending_rows)
        if link.pending_rows
        else texts("links.pending_none")
    )
    return StreamView(
        name=f"{link.stream} → {link.parent}",
        state=_STATE_OF_LINK[link.state],
        word=texts(f"links.{link.state}"),
        progress=f"{progress} · {waiting}",
        last=_ago(link.last_acknowledged_at, now, texts),
        trouble=texts.of(link.last_error) if link.last_error else "",
    )


def _ago(text: str | None, now: datetime, texts: Texts) -> str:
    moment = parsed_moment(text)
    if moment is None:
        return texts("links.never")
    age = duration_text((now - moment).total_seconds(), texts)
    return texts("links.ago", moment=moment_text(moment, texts), age=age)


def _newest(moments: list[str | None], texts: Texts) -> str:
    known = [moment for text in moments if (moment := parsed_moment(text))]
    return moment_text(max(known), texts) if known else texts("links.never").lower()


def _summary(
    children: list[ChildOut] | None, links: list[LinkOut] | None, texts: Texts
) -> str:
    parts = []
    if children:
        parts.append(
            texts(
                "footer.synced_children",
                up=sum(child.connected for child in children),
                count=len(children),
                moment=_newest([child.last_committed_at for child in children], texts),
            )
        )
    if links:
        newest = _newest([link.last_acknowledged_at for link in links], texts)
        parts.append(texts("footer.synced_parent", moment=newest))
    if not parts:
        return texts("footer.synced_alone")
    return texts("footer.synced", parts="; ".join(parts))
