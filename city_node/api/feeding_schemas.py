"""REST shapes of feeds and templates."""

from typing import Literal

import msgspec

from city_node.feeding.state import FeedState
from city_node.templates.making import Offer
from federation.api.schemas import TextOut


class FeedProblemOut(msgspec.Struct, kw_only=True):
    """A file that can't be taken in or put away, or an input that was refused."""

    file: str
    text: TextOut


class FeedOut(msgspec.Struct, kw_only=True):
    """How a feed is doing.

    ``failure`` says why it can't be read now, ``failing_since`` since when. ``input``
    is the last one that came, ``outcome`` what became of it, ``run`` its ingest run.
    """

    id: str
    kind: Literal["watch", "poll"]
    place: str
    subsystem: str
    failure: TextOut | None
    failing_since: str | None
    looked_at: str | None
    input_at: str | None
    input: str
    outcome: Literal["archived", "partly", "rejected", "unchanged"] | None
    run: int | None
    waiting: int
    problems: list[FeedProblemOut]


class FeedsOut(msgspec.Struct, kw_only=True):
    """The feeds of a node, in the order of its settings."""

    items: list[FeedOut]


class TemplateOfferOut(msgspec.Struct, kw_only=True):
    """A template that may be asked for; ``period`` is the last one that is over."""

    subsystem: str
    agency: str
    frequency: str
    period: str
    indicators: list[str]


class TemplateOffersOut(msgspec.Struct, kw_only=True):
    """The templates of a node."""

    items: list[TemplateOfferOut]


def feed_out(state: FeedState) -> FeedOut:
    """Return the state of a feed in its REST shape."""
    failure, since = state.failure, state.failing_since
    return FeedOut(
        id=state.id,
        kind=state.kind.value,
        place=state.place,
        subsystem=state.subsystem,
        failure=None if failure is None else TextOut(vi=failure.vi, en=failure.en),
        failing_since=None if since is None else since.isoformat(),
        looked_at=None if state.looked_at is None else state.looked_at.isoformat(),
        input_at=None if state.input_at is None else state.input_at.isoformat(),
        input=state.input,
        outcome=None if state.outcome is None else state.outcome.value,
        run=state.run,
        waiting=state.waiting,
        problems=[
            FeedProblemOut(file=name, text=TextOut(vi=text.vi, en=text.en))
            for name, text in state.problems
        ],
    )


def offer_out(offer: Offer) -> TemplateOfferOut:
    """Return an offer in its REST shape."""
    return TemplateOfferOut(
        subsystem=offer.subsystem,
        agency=offer.agency,
        frequency=offer.frequency.slug,
        period=offer.period.text,
        indicators=list(offer.indicators),
    )
