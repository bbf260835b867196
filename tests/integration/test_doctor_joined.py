"""Doctor says when a tier can't join its parent, before anybody waits for figures."""

from datetime import UTC, datetime
from pathlib import Path

from federation import identity
from federation.commands.tier import joined
from federation.identity.enrolment import Enrolment, PostgresEnrolmentStore
from federation.identity.tokens import JoinTicket, new_token, write_ticket
from federation.storage.pool import open_pool
from tests.conftest import DatabaseFactory


async def test_doctor_tells_joined_from_ready_from_unable(
    database_url: str, migrated_database: DatabaseFactory, tmp_path: Path
) -> None:
    unable = await joined(database_url, None)()
    assert not unable.ok
    assert unable.remedy is not None
    garbled = tmp_path / "garbled.token"
    garbled.write_text("token: nonsense\n", encoding="utf-8")
    assert not (await joined(database_url, garbled)()).ok
    ticket = tmp_path / "vinh.token"
    write_ticket(
        ticket,
        JoinTicket(token=new_token(), node="vinh", parent_key_id=b"k" * 32),
    )
    assert (await joined(database_url, ticket)()).ok

    url = await migrated_database([identity.APP])
    pool = await open_pool(url, name="doctor")
    try:
        store = PostgresEnrolmentStore(pool)
        now = datetime(2026, 11, 22, tzinfo=UTC)
        enrolment = Enrolment(
            parent="nghe-an", parent_public_key=b"p" * 32, enrolled_at=now
        )
        await store.save(enrolment, [])
    finally:
        await pool.close()
    told = await joined(url, None)()
    assert told.ok
    assert "nghe-an" in told.found.en
