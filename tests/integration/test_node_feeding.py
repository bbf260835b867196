"""Feeding on a real database: from a folder, an address and a template to a value."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import openpyxl
import pytest
import pytest_asyncio
from litestar import Litestar, Router

import city_node.feeding
import city_node.observations
import federation.warehouse
from city_node.api.feeding import feeding_routes
from city_node.config import PollSettings, WatchSettings
from city_node.feeding.feeds import Feeds, feeds_of
from city_node.feeding.remembered import (
    MemoryOfPolls,
    PollMemory,
    Remembered,
    StoredPolls,
)
from city_node.intake.ingest import Intake
from city_node.templates.attaching import with_templates
from city_node.templates.headings import HEADINGS, VALUE
from city_node.templates.making import Templates
from city_node.templates.writing import as_workbook
from federation.api import problems
from federation.clock import ManualClock
from federation.errors import FederationError
from federation.model.indicator import Text
from federation.model.row import State
from federation.model.status import Provenance, Status
from federation.observability.metrics import Metrics
from federation.storage.pool import Pool, open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Stored
from tests.conftest import DatabaseFactory
from tests.unit.node.feeding.source import Source, tagged
from tests.unit.node.sample import NOW, OWNED, PLACES, SUBSYSTEM

APPS = (federation.warehouse.APP, city_node.observations.APP, city_node.feeding.APP)
WARD = "16681@2025-07-01"
JOINED = with_templates(SUBSYSTEM)


@dataclass(frozen=True)
class Settings:
    """What the feeds need of a node's settings."""

    watch: tuple[WatchSettings, ...] = ()
    poll: tuple[PollSettings, ...] = ()


@dataclass
class Node:
    """A node's database and what leads into it."""

    pool: Pool
    warehouse: PostgresWarehouse
    intake: Intake
    templates: Templates
    clock: ManualClock

    def feeds(self, settings: Settings) -> Feeds:
        return feeds_of(
            settings,  # type: ignore[arg-type]
            intake=self.intake,
            subsystems={"sample": JOINED},
            memory=StoredPolls(self.pool),
            clock=self.clock,
            metrics=Metrics(),
        )

    async def values(self) -> dict[str, Stored]:
        async with transaction(self.pool) as connection:
            found = await self.warehouse.values(connection)
        return {each.row.series.indicator: each for each in found}


@pytest_asyncio.fixture
async def node(migrated_database: DatabaseFactory) -> AsyncIterator[Node]:
    pool = await open_pool(await migrated_database(APPS), name="test")
    warehouse = PostgresWarehouse()
    clock = ManualClock(NOW)
    intake = Intake(
        pool=pool,
        warehouse=warehouse,
        subsystems={"sample": JOINED},
        localities=PLACES,
        owned=OWNED,
        clock=clock,
    )
    templates = Templates(
        pool=pool,
        warehouse=warehouse,
        subsystems={"sample": JOINED},
        localities=[each for each in PLACES.known.values() if each.id in OWNED],
        places=PLACES,
        clock=clock,
    )
    yield Node(pool, warehouse, intake, templates, clock)
    await pool.close()


@pytest_asyncio.fixture
async def client(node: Node) -> AsyncIterator[httpx.AsyncClient]:
    routes = feeding_routes(Feeds(), node.templates, node.intake)
    app = Litestar(
        [Router("/api/v1", route_handlers=list(routes))],
        exception_handlers={FederationError: problems.of_federation_error},
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://node/api/v1"
    ) as client:
        yield client


def typed(content: bytes, indicator: str, value: object) -> bytes:
    """Return a workbook as it is after somebody typed one figure of the ward."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    column = 1 + [heading.name for heading in HEADINGS].index(VALUE.name)
    for row in sheet.iter_rows():
        if str(row[0].value).startswith(f"{indicator}|{WARD}||"):
            sheet.cell(row=row[0].row, column=column, value=value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_template_goes_out_and_its_figure_comes_back(
    node: Node, client: httpx.AsyncClient
) -> None:
    answer = await client.get("/templates/sample", params={"period": "2026-10"})
    assert answer.status_code == 200
    assert "sample_H41.STC_2026-10.xlsx" in answer.headers["content-disposition"]
    for value, count in ((5, "landed"), (5, "unchanged"), (6, "changed")):
        file = typed(answer.content, "sample.sum", value)
        sent = await client.post("/templates/sample", files={"file": ("t.xlsx", file)})
        assert sent.status_code == 200, sent.text
        assert sent.json()[count] == 1
    stored = (await node.values())["sample.sum"]
    assert stored.row.state == State(value=6)
    assert stored.row.status is Status.NORMAL
    assert stored.row.provenance is Provenance.MANUAL
    assert stored.row.series.agency == "H41.STC"
    assert stored.row.source == "sample-template"
    again = await client.get("/templates/sample", params={"period": "2026-11"})
    book = openpyxl.load_workbook(io.BytesIO(again.content))
    shown = {str(cell.value) for row in book.active.iter_rows() for cell in row}
    assert "6 (2026-10)" in shown


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"period": "October"}, 400, "October"),
        ({"period": "2026"}, 404, "month"),
        ({"period": "2026-10", "agency": "H41.SYT"}, 404, "H41.STC"),
        ({"period": "2026-10", "locality": "17443@2025-07-01"}, 404, "17443"),
    ],
)
async def test_a_template_that_nobody_owes_is_not_given(
    client: httpx.AsyncClient, query: dict[str, str], status: int, said: str
) -> None:
    answer = await client.get("/templates/sample", params=query)
    assert answer.status_code == status
    assert said in answer.json()["detail_vi"]


async def test_an_upload_of_another_period_or_no_template_is_refused(
    node: Node, client: httpx.AsyncClient
) -> None:
    made = await client.get(
        "/templates/sample", params={"period": "2026-10", "form": "csv"}
    )
    assert made.headers["content-type"].startswith("text/csv")
    files = {"file": ("t.csv", made.content)}
    wrong = await client.post(
        "/templates/sample", files=files, params={"period": "2026-09"}
    )
    assert wrong.status_code == 422
    assert "2026-10" in wrong.json()["detail_vi"]
    other = await client.post(
        "/templates/sample", files=files, params={"agency": "H41.SYT"}
    )
    assert other.status_code == 422
    stranger = await client.post(
        "/templates/sample", files={"file": ("s.txt", b"sample\n")}
    )
    assert stranger.status_code == 422
    assert await node.values() == {}


async def test_refused_rows_are_told_and_neighbours_land(
    node: Node, client: httpx.AsyncClient
) -> None:
    made = await client.get("/templates/sample", params={"period": "2026-10"})
    file = typed(typed(made.content, "sample.sum", "nhiều"), "sample.max", 4)
    sent = await client.post("/templates/sample", files={"file": ("t.xlsx", file)})
    assert sent.status_code == 207
    (refused,) = sent.json()["rejected"]
    assert refused["place"]["row"] > 6
    assert VALUE.text.vi in refused["text_vi"]
    assert set(await node.values()) == {"sample.max"}


async def test_templates_and_feeds_are_listed(client: httpx.AsyncClient) -> None:
    (offer,) = (await client.get("/templates")).json()["items"]
    assert (offer["agency"], offer["frequency"], offer["period"]) == (
        "H41.STC",
        "month",
        "2026-10",
    )
    assert "sample.weighted_mean" not in offer["indicators"]
    assert (await client.get("/feeds")).json() == {"items": []}


async def test_a_typed_figure_stands_before_the_parts_until_it_is_taken_back(
    node: Node, client: httpx.AsyncClient
) -> None:
    made = (await client.get("/templates/sample", params={"period": "2026-10"})).content
    for value, total in ((100, 100), ("xóa", None)):
        await client.post(
            "/templates/sample",
            files={"file": ("t.xlsx", typed(made, "sample.sum", value))},
        )
        state = (await node.values())["sample.sum"].row.state
        assert (None if state is None else state.value) == total
    assert (await node.values())["sample.sum"].row.status is Status.DELETED


async def test_a_folder_leads_to_values_and_feeding_twice_counts_once(
    node: Node, tmp_path: Path
) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    feeds = node.feeds(
        Settings(watch=(WatchSettings(id="inbox", folder=inbox, settle_s=1),))
    )
    (feed,) = feeds.running
    template = await node.templates.make("sample", "2026-10")
    file = typed(as_workbook(template), "sample.sum", 12)
    for outcome in ("archived", "unchanged"):
        (inbox / "thang-10.xlsx").write_bytes(file)
        await feed.step()
        node.clock.advance(timedelta(seconds=2))
        await feed.step()
        assert feeds.states()[0].outcome == outcome
    assert (await node.values())["sample.sum"].row.state == State(value=12)
    assert len(list((inbox / "archive").rglob("*.xlsx"))) == 2
    assert [path.name for path in inbox.iterdir()] == ["archive"]


async def test_an_address_leads_to_values_and_is_remembered(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    template = await node.templates.make("sample", "2026-10")
    file = typed(as_workbook(template), "sample.sum", 12)
    with Source(tagged(file)) as source:
        poll = PollSettings(id="far", url=f"{source.url}/t.xlsx")
        for _ in range(2):
            (feed,) = node.feeds(Settings(poll=(poll,))).running
            await feed.step()
        assert "if-none-match" in source.asked[1].headers
    assert (await node.values())["sample.sum"].row.state == State(value=12)
    assert len(await node.intake.runs()) == 1


@pytest.mark.parametrize("kind", ["memory", "postgres"])
async def test_what_was_read_is_remembered_poll_by_poll(kind: str, node: Node) -> None:
    memory: PollMemory = MemoryOfPolls() if kind == "memory" else StoredPolls(node.pool)
    assert await memory.get("far") is None
    first = Remembered(
        poll="far",
        url="https://host/a",
        etag='"1"',
        last_modified="",
        content_hash=b"\x01" * 32,
        read_by="1",
        read_at=NOW,
        run=3,
    )
    second = Remembered(
        poll="far",
        url="https://host/b",
        etag="",
        last_modified="Sun, 22 Nov 2026 03:00:00 GMT",
        content_hash=b"\x02" * 32,
        read_by="2",
        read_at=NOW + timedelta(hours=1),
        failure=Text(vi="tệp lạ", en="strange"),
    )
    for each in (first, second):
        await memory.put(each)
        assert await memory.get("far") == each
    assert await memory.get("other") is None
