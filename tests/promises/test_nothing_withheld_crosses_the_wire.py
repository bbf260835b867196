"""Promise: of what is not shared no number leaves, and nobody takes it for missing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import zstandard

from federation.api.present import value_out
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.inbox.endpoint import Inbox
from federation.model.indicator import Basis
from federation.model.status import Status
from federation.storage.embedded import EmbeddedPostgres
from federation.transports import Transport
from federation.transports.grpc_client import GrpcTransport
from federation.transports.grpc_server import UplinkServer, UplinkServerSettings
from federation.views.knowing import StoredKnowledge
from federation.wire.frames import read_payload
from federation.wire.v1 import frame_pb2
from tests.integration.tiers import Tier, Tiers
from tests.promises.records import VIOLATIONS, place, violations
from tests.promises.relay import Relay

GROUND = "Điều 7 Nghị định 278/2025/NĐ-CP"
PROVINCE_GROUND = "Quyết định 12/QĐ-UBND của tỉnh"
BEFORE = datetime(2026, 3, 15, 5, tzinfo=UTC)
DAY = "2026-03-10"
AREAS = Path("infra/demo/nghe-an/areas.toml").resolve()
VINH = {"id": "vinh", "localities": ("vinh",), "includes_parts": True}
REMOTE = {"id": "17443", "localities": (place("17443"),)}
# Numbers that nothing else in the bytes can be.
SECRET, OF_THE_PROVINCE, OPEN = 987_654, 876_543, 654_321
KEPT_BY_THE_CITY = (SECRET, SECRET + OPEN)
CITY_RULES = [
    {
        "indicator": "environment.*",
        "locality": place("16681"),
        "share_detail": False,
        "ground": GROUND,
        "to": "2026-03-15",
    },
    {
        "indicator": VIOLATIONS,
        "locality": "vinh",
        "share_rollup": False,
        "ground": GROUND,
        "to": "2026-03-15",
    },
]
PROVINCE_RULES = [
    {
        "indicator": VIOLATIONS,
        "locality": place("17443"),
        "share_detail": False,
        "ground": PROVINCE_GROUND,
    }
]


class Wires:
    """Links over gRPC, every byte of which towards the parent is kept."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.relays: list[Relay] = []

    async def __call__(self, inbox: Inbox) -> Transport:
        settings = UplinkServerSettings(
            address="127.0.0.1:0", stop_grace_s=0.0, reflection=False
        )
        server = UplinkServer(inbox, settings)
        port = await server.start()
        self._stack.push_async_callback(server.stop)
        relay = await self._stack.enter_async_context(Relay.running(keep=True))
        relay.plug(port)
        self.relays.append(relay)
        return GrpcTransport(f"127.0.0.1:{relay.port}")


@asynccontextmanager
async def federated(
    server: EmbeddedPostgres, folder: Path, wires: Wires
) -> AsyncIterator[Tiers]:
    """Open nation, province, the city, and a node that hosts one commune."""
    clock = ManualClock(BEFORE)
    async with Tiers.open(server, folder, clock, transports=wires) as tiers:
        nation = await tiers.hub("viet-nam", "VN", areas=[AREAS])
        province = await tiers.hub(
            "nghe-an", "40", areas=[AREAS], parent=nation, sharing=PROVINCE_RULES
        )
        await tiers.node(
            "vinh",
            "vinh",
            province,
            areas=[AREAS],
            speaks_for=[VINH],
            sharing=CITY_RULES,
        )
        await tiers.node("remote", "40", province, areas=[AREAS], speaks_for=[REMOTE])
        yield tiers


@pytest_asyncio.fixture(loop_scope="session")
async def wires() -> AsyncIterator[Wires]:
    async with AsyncExitStack() as stack:
        yield Wires(stack)


@pytest_asyncio.fixture(loop_scope="session")
async def tiers(
    postgres_server: EmbeddedPostgres, tmp_path: Path, wires: Wires
) -> AsyncIterator[Tiers]:
    async with federated(postgres_server, tmp_path, wires) as opened:
        await opened.tiers["vinh"].push(
            "environment",
            violations("16681", DAY, SECRET),
            violations("16690", DAY, OPEN),
        )
        await opened.tiers["remote"].push(
            "environment", violations("17443", DAY, OF_THE_PROVINCE)
        )
        await opened.settle()
        yield opened


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def packed(number: int) -> set[bytes]:
    """Return a number as columns hold it: as it is, or zigzag."""
    return {varint(number), varint(number * 2), varint(number * 2 - 1)}


def plain(number: int) -> set[bytes]:
    """Return a number in the forms that can be told from chance anywhere."""
    return {
        number.to_bytes(8, "little"),
        number.to_bytes(8, "big"),
        str(number).encode(),
    }


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """What came to a parent: every byte, and what the frames in it unpack to."""

    wire: bytes
    payloads: bytes

    def holds(self, number: int) -> bool:
        return any(form in self.payloads for form in packed(number)) or any(
            form in part for form in plain(number) for part in self.parts
        )

    @property
    def parts(self) -> tuple[bytes, bytes]:
        return (self.wire, self.payloads)


async def crossed(parent: Tier, *relays: Relay) -> Crossed:
    wire = b"|".join(bytes(relay.passed or b"") for relay in relays)
    payloads = []
    for record in await parent.pool.fetch("SELECT body FROM frame_log"):
        # Each frame that the parent holds went over the wires that were kept.
        assert record["body"] in wire
        payloads += [_unpacked(record["body"])]
        payloads += [repr(read_payload(record["body"])).encode()]
    return Crossed(wire=wire, payloads=b"|".join(payloads))


def _unpacked(body: bytes) -> bytes:
    frame = frame_pb2.FrameBody.FromString(body)
    if frame.codec != frame_pb2.CODEC_ZSTD:
        return frame.payload
    return zstandard.ZstdDecompressor().decompress(frame.payload)


async def shown(tier: Tier, locality: str, basis: Basis = Basis.REPORTED) -> Any:
    seen = await tier.value(VIOLATIONS, locality, date.fromisoformat(DAY), basis)
    assert seen is not None
    knowledge = await StoredKnowledge(tier.pool)()
    return value_out(seen, knowledge)


async def test_no_byte_of_a_withheld_number_crosses(tiers: Tiers, wires: Wires) -> None:
    upper, *lower = wires.relays
    province = await crossed(tiers.tiers["nghe-an"], *lower)
    nation = await crossed(tiers.tiers["viet-nam"], upper)
    # What is shared is found, so the search can find.
    assert province.holds(OPEN)
    assert nation.holds(OPEN)
    assert province.holds(OF_THE_PROVINCE)
    for number in KEPT_BY_THE_CITY:
        assert not province.holds(number)
        assert not nation.holds(number)
    assert not nation.holds(OF_THE_PROVINCE)
    for part in (*province.parts, *nation.parts):
        assert f"16681:{DAY}".encode() not in part


async def test_it_is_shown_as_withheld_with_the_ground_at_every_tier(
    tiers: Tiers,
) -> None:
    for tier, locality, ground in (
        ("nghe-an", "16681", GROUND),
        ("viet-nam", "16681", GROUND),
        ("viet-nam", "17443", PROVINCE_GROUND),
    ):
        told = await shown(tiers.tiers[tier], place(locality))
        assert (told.status, told.value, told.ground) == ("withheld", None, ground)
        assert told.coverage.missing == []
        assert told.coverage.missing_count == 0
        assert told.source is None
    own = await shown(tiers.tiers["vinh"], place("16681"))
    assert (own.value, own.status, own.ground) == (str(SECRET), "normal", None)


async def test_a_total_counts_it_as_withheld_and_never_as_missing(
    tiers: Tiers,
) -> None:
    city = await shown(tiers.tiers["vinh"], "vinh", Basis.ROLLED_UP)
    assert city.value == str(SECRET + OPEN)
    for tier in ("nghe-an", "viet-nam"):
        total = await shown(tiers.tiers[tier], "40", Basis.ROLLED_UP)
        assert total.value == str(OPEN + OF_THE_PROVINCE)
        assert total.statuses["withheld"] == 1
        assert total.coverage.withheld_count == 1
        assert place("16681") not in total.coverage.missing


async def test_shared_again_it_arrives_by_itself_on_the_day(
    tiers: Tiers, wires: Wires
) -> None:
    tiers.clock.advance(timedelta(hours=13))
    await tiers.settle()
    for tier in ("nghe-an", "viet-nam"):
        told = await shown(tiers.tiers[tier], place("16681"))
        assert (told.value, told.status, told.ground) == (str(SECRET), "normal", None)
        total = await shown(tiers.tiers[tier], "40", Basis.ROLLED_UP)
        assert total.value == str(SECRET + OPEN + OF_THE_PROVINCE)
        assert total.coverage.withheld_count == 0
    # The province keeps its own refusal.
    kept = await shown(tiers.tiers["viet-nam"], place("17443"))
    assert kept.ground == PROVINCE_GROUND
    upper, *_ = wires.relays
    nation = await crossed(tiers.tiers["viet-nam"], upper)
    assert nation.holds(SECRET)
    assert not nation.holds(OF_THE_PROVINCE)


async def test_a_figure_that_is_withheld_later_disappears_above(
    tiers: Tiers,
) -> None:
    """What was told once stays in the history; it is no present figure any more."""
    city, clock = tiers.tiers["vinh"], tiers.clock
    clock.advance(timedelta(hours=13))
    await tiers.settle()
    clock.advance(timedelta(hours=-13))
    await tiers.settle()
    for tier in ("nghe-an", "viet-nam"):
        told = await shown(tiers.tiers[tier], place("16681"))
        assert (told.value, told.status, told.ground) == (None, "withheld", GROUND)
        total = await shown(tiers.tiers[tier], "40", Basis.ROLLED_UP)
        assert total.value == str(OPEN + OF_THE_PROVINCE)
    seen = await city.value(VIOLATIONS, place("16681"), date.fromisoformat(DAY))
    assert seen is not None
    assert seen.row.status is Status.NORMAL


@pytest.mark.parametrize("rule", [{"share_detail": False}, {"share_rollup": False}])
async def test_a_refusal_without_a_ground_is_no_configuration(
    postgres_server: EmbeddedPostgres, tmp_path: Path, rule: dict[str, bool]
) -> None:
    async with Tiers.open(postgres_server, tmp_path, ManualClock(BEFORE)) as tiers:
        province = await tiers.hub("nghe-an", "40", areas=[AREAS])
        with pytest.raises(FederationError) as caught:
            await tiers.node(
                "vinh",
                "vinh",
                province,
                areas=[AREAS],
                speaks_for=[VINH],
                sharing=[{"indicator": "*"} | rule],
            )
    assert caught.value.code is ErrorCode.CONFIGURATION
    assert "ground" in caught.value.text_vi
