"""Telling a child what was set aside: once a link, until it surely knows."""

from __future__ import annotations

from collections.abc import Mapping

from federation.identity.refusals import refusal_of
from federation.inbox.limits import SET_ASIDE_MAX
from federation.inbox.records import UntoldLetter
from federation.inbox.services import OpenStream, Services
from federation.wire.refusal import wire_error
from federation.wire.v1 import uplink_pb2 as pb


class Telling:
    """Names dead letters in acknowledgements of one link.

    A letter counts as told when the child echoed a heartbeat that was sent after it;
    a link that breaks before leaves it to the next link.
    """

    def __init__(self, services: Services, streams: Mapping[str, OpenStream]) -> None:
        self._services = services
        self._streams = streams
        self._last_beat_us = 0
        self._told_after_beat_us: dict[int, int] = {}

    def beat_sent(self, sent_at_us: int) -> None:
        """Note that a heartbeat of this side was sent."""
        self._last_beat_us = sent_at_us

    async def beat_echoed(self, echo_sent_at_us: int) -> None:
        """Note that the child read everything up to a heartbeat of this side."""
        known = [
            number
            for number, after_us in self._told_after_beat_us.items()
            if after_us < echo_sent_at_us
        ]
        if known:
            await self._services.store.mark_told(known, now=self._services.clock.now())
            for number in known:
                del self._told_after_beat_us[number]

    async def tell(self) -> list[pb.LinkResponse]:
        """Return acknowledgements that name what was set aside since."""
        untold = await self._services.store.untold(list(self._streams), SET_ASIDE_MAX)
        answers = []
        for stream, opened in self._streams.items():
            fresh = [
                each
                for each in untold
                if each.letter.stream == stream
                and each.id not in self._told_after_beat_us
            ]
            if fresh:
                for each in fresh:
                    self._told_after_beat_us[each.id] = self._last_beat_us
                answers.append(
                    self._services.acknowledgement(
                        opened.cursor, [_message(each) for each in fresh]
                    )
                )
        return answers


def _message(untold: UntoldLetter) -> pb.SetAside:
    letter = untold.letter
    return pb.SetAside(
        position=pb.Position(
            epoch=letter.epoch, sequence=letter.sequence, head=untold.head
        ),
        series=letter.series,
        period_start=letter.period_start,
        reason=refusal_of(wire_error(letter.code, letter.detail), stream=letter.stream),
    )
