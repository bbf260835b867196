"""The metrics of the children say what the tables say."""

from datetime import UTC, datetime

from federation.identity.documents import Area, sign_assignment
from federation.identity.keys import Signer
from federation.inbox.records import Cursor, LinkState
from federation.observability.metrics import Metrics
from province_hub.children.measuring import ChildMeasures
from province_hub.children.standing import Standing

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SIGNER = Signer.generate()


def standing(stream: str, *, dead_letters: int = 0, connected: bool = True) -> Standing:
    area = Area(stream=stream, localities=(stream,))
    return Standing(
        assignment=sign_assignment(
            SIGNER, area=area, node=stream, fence=1, signed_at=NOW
        ),
        cursor=Cursor(stream=stream, epoch=2, sequence=42, committed_at=NOW),
        link=LinkState(
            node=stream,
            link_id=b"",
            boot_id=b"",
            software_version="1",
            connected=connected,
            opened_at=NOW,
            heard_at=NOW,
        ),
        projected=40,
        dead_letters=dead_letters,
    )


class Children:
    def __init__(self, *found: Standing) -> None:
        self.found = found
        self.metrics = Metrics()
        self._measures = ChildMeasures(self.read, self.metrics)

    async def read(self) -> tuple[Standing, ...]:
        return self.found

    async def measured(self) -> set[str]:
        await self._measures.measure()
        lines = self.metrics.render().decode().splitlines()
        return {line for line in lines if "{stream=" in line and "_created" not in line}


async def test_every_stream_shows_what_it_holds_and_lacks() -> None:
    children = Children(standing("vinh", dead_letters=3, connected=False))
    lines = [line.rsplit(" ", 1) for line in await children.measured()]
    shown = {name: float(value) for name, value in lines}
    assert shown == {
        'ioc_child_connected{stream="vinh"}': 0,
        'ioc_inbox_high_watermark{stream="vinh"}': 42,
        'ioc_inbox_last_commit_timestamp_seconds{stream="vinh"}': NOW.timestamp(),
        'ioc_projector_lag_frames{stream="vinh"}': 2,
        'ioc_dead_letters_total{stream="vinh"}': 3,
    }


async def test_dead_letters_only_count_up() -> None:
    children = Children(standing("vinh", dead_letters=3))
    for held, shown in ((3, 3), (5, 5), (4, 5), (6, 6)):
        children.found = (standing("vinh", dead_letters=held),)
        line = f'ioc_dead_letters_total{{stream="vinh"}} {shown}.0'
        assert line in await children.measured()


async def test_a_stream_that_went_away_is_not_shown_any_more() -> None:
    children = Children(standing("vinh"), standing("hue"))
    await children.measured()
    children.found = (standing("hue"),)
    left = await children.measured()
    assert 'ioc_child_connected{stream="hue"} 1.0' in left
    assert 'ioc_child_connected{stream="vinh"} 1.0' not in left
