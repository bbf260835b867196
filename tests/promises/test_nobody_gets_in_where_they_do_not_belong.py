"""Promise 15: no session, no read; no enrolled key and no area, no row."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from city_node.subsystems.environment.indicators import VIOLATIONS_FOUND
from federation.model.period import Frequency, period_of_day
from federation.model.row import SeriesKey, State
from federation.model.status import Counts, Provenance, Status
from federation.wire.payload import AnnouncedSeries, Payload, WireRow
from federation.wire.v1 import uplink_pb2 as pb
from scripts.federation_demo.layout import (
    HOSTED,
    NATION,
    PROVINCE,
    VINH,
    AreaPlan,
    TierPlan,
)
from tests.promises.federation import Federation
from tests.promises.records import VIOLATIONS, place, violations
from tests.promises.stranger import Link, Stranger

CODE = "16744"
FIRST_DAY = date(2026, 5, 1)
OPEN_PATHS = {"/api/v1/session"}


def plan(node: str, code: str = CODE) -> TierPlan:
    return TierPlan(
        id=node,
        command="city-node",
        level="city",
        name_vi="Nút lạ",
        name_en="A strange node",
        locality=place(code),
        position=7,
        parent=PROVINCE.id,
        areas=(AreaPlan(stream=code, localities=(place(code),)),),
        page=False,
    )


def address(federation: Federation) -> str:
    return f"127.0.0.1:{federation.layout.uplink_port(PROVINCE)}"


def series(number: int, locality: str) -> AnnouncedSeries:
    return AnnouncedSeries(
        number=number,
        key=SeriesKey(
            indicator=VIOLATIONS,
            locality=locality,
            agency=VIOLATIONS_FOUND.owner_agency,
        ),
        contract_hash=VIOLATIONS_FOUND.contract_hash,
    )


def row(number: int, day: int, value: int, **changes: Any) -> WireRow:
    fields: dict[str, Any] = {
        "series": number,
        "measure": VIOLATIONS_FOUND.measure,
        "period": period_of_day(Frequency.DAY, FIRST_DAY.replace(day=day)),
        "state": State(value=value),
        "counts": Counts.one(Status.NORMAL, Provenance.AUTOMATIC),
        "expected": 1,
        "reported": 1,
        "recorded_at_us": 1,
    }
    return WireRow(**(fields | changes))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stranger(federation: Federation) -> AsyncIterator[Stranger]:
    """Give a node that was let in for one commune."""
    # The province knows the indicator from its own nodes.
    await federation.push(VINH, "environment", violations("16681", "2026-04-30", 1))
    await federation.arrives(NATION, VIOLATIONS, place("16681"), "2026-04-30")
    node = plan("stranger")
    await federation.admit(node)
    admitted = Stranger(address=address(federation), node=node.id)
    answer = await admitted.enrol(federation.layout.token_file(node))
    assert not answer.HasField("refusal"), answer.refusal.text_en
    yield admitted


def said(refusal: pb.Refusal) -> str:
    """Return a refusal's code; it must have a text in both languages."""
    assert refusal.text_vi
    assert refusal.text_en
    assert refusal.text_vi != refusal.text_en
    return pb.RefusalCode.Name(refusal.code).removeprefix("REFUSAL_CODE_")


@pytest.mark.parametrize("tier", [NATION, PROVINCE, VINH, HOSTED], ids=lambda t: t.id)
async def test_nothing_is_read_or_written_without_a_session(
    federation: Federation, tier: TierPlan
) -> None:
    base = federation.layout.api_url(tier)
    async with httpx.AsyncClient(base_url=base) as client:
        paths = (await client.get("/schema/openapi.json")).json()["paths"]
        asked = 0
        for path, methods in paths.items():
            if not path.startswith("/api/v1") or path in OPEN_PATHS:
                continue
            for method in methods:
                for token in (None, "Bearer made-up"):
                    headers = {} if token is None else {"Authorization": token}
                    # A number in an address is a number, or there is no such path.
                    address = path.replace("{run}", "1")
                    answer = await client.request(method, address, headers=headers)
                    assert answer.status_code == 401, (method, path, answer.text)
                    assert answer.json()["code"] == "unauthenticated"
                    asked += 1
        assert asked >= 10
        wrong = await client.post(
            "/api/v1/session", json={"username": "admin", "password": "wrong"}
        )
        assert wrong.status_code == 401


async def test_a_session_of_one_tier_opens_no_other(federation: Federation) -> None:
    token = (await federation.client(VINH)).headers["Authorization"]
    for tier in (PROVINCE, NATION, HOSTED):
        async with httpx.AsyncClient() as client:
            answer = await client.get(
                f"{federation.layout.api_url(tier)}/api/v1/overview",
                headers={"Authorization": token},
            )
        assert answer.status_code == 401


async def test_a_token_used_by_one_key_admits_no_other(
    federation: Federation, stranger: Stranger
) -> None:
    token = federation.layout.token_file(plan(stranger.node))
    again = await stranger.enrol(token)
    assert not again.HasField("refusal")
    other = Stranger(address=stranger.address, node=stranger.node)
    assert said((await other.enrol(token)).refusal) == "TOKEN_USED"
    async with other.link() as link:
        assert said(link.answer.refusal) == "KEY_UNKNOWN"
    assert "TOKEN_USED" in federation.log(PROVINCE)


async def test_a_node_with_a_used_token_says_so_and_works_on_alone(
    federation: Federation, stranger: Stranger
) -> None:
    """The real program, with the key of its own and a token that is used up."""
    node = dataclasses.replace(plan(stranger.node), id=f"{stranger.node}-again")
    used = federation.layout.token_file(plan(stranger.node))
    own = federation.layout.token_file(node)
    own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    own.write_bytes(used.read_bytes())
    environment = {"IOC_TIER__ID": stranger.node}
    await federation.start_node(node, environment=environment)
    try:
        links: list[Any] = []

        async def told() -> bool:
            links[:] = (await federation.read(node, "/links"))["items"]
            return bool(links and links[0]["last_error"])

        await federation.until(told, lambda: f"{links}")
        assert [link["state"] for link in links] == ["refused"]
        error = links[0]["last_error"]
        assert "Ask the parent for a new one" in error["en"]
        assert "xin mã mới" in error["vi"]
        await federation.push(node, "environment", violations(CODE, "2026-05-09", 1))
        await federation.arrives(node, VIOLATIONS, place(CODE), "2026-05-09")
    finally:
        await federation.stop_node(node)
    for tier in (PROVINCE, NATION):
        assert (
            await federation.value(tier, VIOLATIONS, place(CODE), "2026-05-09") is None
        )


async def test_a_node_nobody_enrolled_is_refused(federation: Federation) -> None:
    async with Stranger(address=address(federation), node="nobody").link() as link:
        assert said(link.answer.refusal) == "NODE_UNKNOWN"


async def test_a_hello_of_another_link_is_refused(stranger: Stranger) -> None:
    async with stranger.link() as link:
        answer = await link.hello(CODE, nonce=b"x" * 32)
        assert said(answer.refusal) == "NONCE_INVALID"


async def test_a_frame_with_a_wrong_signature_leaves_no_row_but_an_event(
    federation: Federation, stranger: Stranger
) -> None:
    async with stranger.link() as link:
        await link.begin(CODE)
        payload = Payload(series=(series(1, place(CODE)),), rows=(row(1, 1, 99),))
        forged = link.seal(CODE, payload)
        await link.send(forged, signature=bytes(64))
        refused = (await link.next("refusal")).refusal
        assert (said(refused), refused.stream) == ("SIGNATURE_INVALID", CODE)

        # The stream goes on as soon as it is said honestly.
        await link.begin(CODE)
        honest = Payload(series=(series(1, place(CODE)),), rows=(row(1, 2, 7),))
        await link.send(link.seal(CODE, honest))
        assert (await link.next("acknowledgement")).acknowledgement.cursor.sequence == 1
    seen = await federation.arrives(NATION, VIOLATIONS, place(CODE), "2026-05-02")
    assert seen["value"] == "7"
    for tier in (PROVINCE, NATION):
        assert (
            await federation.value(tier, VIOLATIONS, place(CODE), "2026-05-01") is None
        )
    assert "SIGNATURE_INVALID" in federation.log(PROVINCE)


async def test_a_node_sends_nothing_for_a_stream_of_another(
    federation: Federation, stranger: Stranger
) -> None:
    async with stranger.link() as link:
        refused = (await link.hello("vinh")).refusal
        assert said(refused) == "STREAM_NOT_ASSIGNED"
        # Its own stream is none the worse for it.
        assert (await link.hello(CODE)).HasField("welcome")


async def test_rows_that_may_not_land_are_set_aside_and_the_others_land(
    federation: Federation, stranger: Stranger
) -> None:
    day = "2026-05-03"
    before = await dead_letters(federation)
    async with stranger.link() as link:
        await link.begin(CODE)
        payload = Payload(
            series=(series(1, place(CODE)), series(2, place("16681"))),
            rows=(row(1, 3, 4), row(2, 3, 1000), row(77, 3, 2000)),
        )
        await link.send(link.seal(CODE, payload))
        told = await set_aside(link, 2)
        reasons = {item.series: said(item.reason) for item in told}
        assert reasons == {2: "LOCALITY_NOT_OWNED", 77: "SERIES_UNDECLARED"}
        following = Payload(rows=(row(1, 4, 6),))
        await link.send(link.seal(CODE, following))
        seen = await federation.arrives(NATION, VIOLATIONS, place(CODE), day)
        assert seen["value"] == "4"
        after = await federation.arrives(NATION, VIOLATIONS, place(CODE), "2026-05-04")
        assert after["value"] == "6"
    for tier in (PROVINCE, NATION):
        assert await federation.value(tier, VIOLATIONS, place("16681"), day) is None
        total = await federation.value(tier, VIOLATIONS, "40", day, basis="rolled_up")
        assert total is None or total["value"] == "4"
    assert await dead_letters(federation) == before + 2
    # And nobody else noticed anything.
    await federation.push(VINH, "environment", violations("16681", "2026-05-06", 3))
    await federation.arrives(NATION, VIOLATIONS, place("16681"), "2026-05-06")


async def set_aside(link: Link, count: int) -> list[pb.SetAside]:
    """Return what the parent says it set aside, once it has looked at the frame."""
    told: list[pb.SetAside] = []
    while len(told) < count:
        told += (await link.next("acknowledgement")).acknowledgement.set_aside
    return told


async def dead_letters(federation: Federation) -> int:
    children = (await federation.read(PROVINCE, "/children"))["items"]
    return sum(int(one["dead_letters"]) for one in children if one["stream"] == CODE)
