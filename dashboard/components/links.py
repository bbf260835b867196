"""The streams between this tier and its neighbours, and how far they got."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.formatting import (
    collation_key,
    count_text,
    duration_text,
    moment_text,
    parsed_moment,
)
from dashboard.queries import FirstPage
from dashboard.text import Texts
from federation.api.schemas import ChildOut, ChildrenOut, LinkOut, TierOut

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
    code: str
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


def links_view(reading: FirstPage, *, now: datetime, texts: Texts) -> LinksView:
    """Return the neighbours of the tier."""
    children = None if reading.children is None else reading.children.items
    links = None if reading.links is None else reading.links.items
    return LinksView(
        children=None
        if children is None
        else [_child(child, now, texts) for child in _troubled_first(children, texts)],
        parents=None
        if links is None
        else [_link(link, reading.overview.tier, now, texts) for link in links],
        summary=_summary(children, links, texts),
    )


def delivering_streams(children: ChildrenOut | None, texts: Texts) -> list[str]:
    """Return the names of the streams that have brought at least one frame."""
    items = children.items if children else []
    return sorted(
        (
            texts.of(child.area_name)
            for child in items
            if max(child.high_watermark, child.projected) > 0
        ),
        key=collation_key,
    )


def _troubled_first(children: list[ChildOut], texts: Texts) -> list[ChildOut]:
    return sorted(
        children,
        key=lambda child: (
            child.connected,
            not child.dead_letters,
            collation_key(texts.of(child.area_name)),
        ),
    )


def _child(child: ChildOut, now: datetime, texts: Texts) -> StreamView:
    faulty = child.dead_letters
    return StreamView(
        name=texts.of(child.area_name),
        code="",
        state="ok" if child.connected else "stale",
        word=texts("links.up" if child.connected else "links.down"),
        progress=_progress("taken_in", child.projected, child.high_watermark, texts),
        last=_ago(child.last_committed_at, now, texts),
        trouble=texts("links.dead_letters", count=count_text(faulty, texts))
        if faulty
        else "",
    )


def _progress(key: str, done: int, count: int, texts: Texts) -> str:
    """Return how many frames of how many, or that it is all of them."""
    whole = "_all" if done >= count else ""
    return texts(
        f"links.{key}{whole}",
        done=count_text(done, texts),
        count=count_text(count, texts),
    )


def _link(link: LinkOut, tier: TierOut, now: datetime, texts: Texts) -> StreamView:
    progress = _progress("acknowledged", link.acknowledged, link.sealed, texts)
    if link.pending_rows:
        waiting = texts("links.pending", count=count_text(link.pending_rows, texts))
        progress = f"{progress} · {waiting}"
    code = f"{link.stream} → {link.parent}"
    upwards = texts(f"links.from_{tier.level}", name=texts.of(tier.name))
    return StreamView(
        name=upwards if link.stream == tier.id else code,
        code=code if link.stream == tier.id else "",
        state=_STATE_OF_LINK[link.state],
        word=texts(f"links.{link.state}"),
        progress=progress,
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
                up=count_text(sum(child.connected for child in children), texts),
                count=count_text(len(children), texts),
                moment=_newest([child.last_committed_at for child in children], texts),
            )
        )
    if links:
        newest = _newest([link.last_acknowledged_at for link in links], texts)
        parts.append(texts("footer.synced_parent", moment=newest))
    if not parts:
        return texts("footer.synced_alone")
    return texts("footer.synced", parts="; ".join(parts))
