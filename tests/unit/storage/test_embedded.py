"""What the embedded server promises, with real kills."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from federation.storage import placement, processes
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.errors import StorageError
from federation.storage.roles import checked

SMALL = {"shared_buffers": "32MB", "max_connections": "20"}
PATIENCE_S = 30.0
SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from federation.storage.embedded import EmbeddedPostgres

async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]), settings={"shared_buffers": "32MB"})
    await server.start()
    await server.ensure_database("kept")
    print(server.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def server(
    tmp_path: Path, workspace_root: Path
) -> AsyncIterator[EmbeddedPostgres]:
    """Give a server of the test's own, not started."""
    folder = workspace_root / tmp_path.name / "postgres"
    made = EmbeddedPostgres(folder, settings=SMALL)
    yield made
    await made.stop()


def everything_of(server: EmbeddedPostgres) -> list[int]:
    return processes.postmasters(server.data) + processes.children(server.data)


async def until_gone(data: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while processes.postmasters(data) or processes.children(data):
        assert time.monotonic() < deadline, "the server outlived its supervisor"
        await asyncio.sleep(0.02)


async def write(server: EmbeddedPostgres, number: int) -> None:
    connection = await asyncpg.connect(await server.ensure_database("kept"))
    await connection.execute("CREATE TABLE IF NOT EXISTS fact (number integer)")
    await connection.execute("INSERT INTO fact VALUES ($1)", number)
    await connection.close()


async def facts(server: EmbeddedPostgres) -> list[int]:
    connection = await asyncpg.connect(server.url("kept"))
    rows = await connection.fetch("SELECT number FROM fact ORDER BY number")
    await connection.close()
    return [row["number"] for row in rows]


async def test_starts_stops_and_keeps_its_data(server: EmbeddedPostgres) -> None:
    await server.start()
    await write(server, 1)
    port = server.port
    await server.stop()
    assert everything_of(server) == []
    await server.start()
    assert server.port == port
    assert await facts(server) == [1]


async def test_committed_rows_survive_a_killed_server(server: EmbeddedPostgres) -> None:
    await server.start()
    for number in range(3):
        await write(server, number)
        server.kill()
        await server.restart()
    assert await facts(server) == [0, 1, 2]


async def test_killed_session_leaves_the_server_usable(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    await write(server, 1)
    victim = await asyncpg.connect(server.url("kept"))
    os.kill(await victim.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
    with pytest.raises((asyncpg.PostgresError, OSError, asyncpg.InterfaceError)):
        await victim.fetchval("SELECT pg_sleep(30)")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            assert await facts(server) == [1]
            break
        except (OSError, asyncpg.PostgresError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


async def test_watch_brings_a_killed_server_back(server: EmbeddedPostgres) -> None:
    await server.start()
    await write(server, 1)
    before = server.pid
    watching = asyncio.create_task(server.watch())
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while server.pid in {0, before}:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    while True:
        try:
            assert await facts(server) == [1]
            break
        except (OSError, asyncpg.PostgresError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def test_server_ends_with_its_killed_supervisor(server: EmbeddedPostgres) -> None:
    await server.start()
    await server.stop()
    data = server.data
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(server.folder), stdout=-1
    )
    assert supervisor.stdout is not None
    assert int(await supervisor.stdout.readline()) in processes.postmasters(data)
    supervisor.kill()
    await supervisor.communicate()
    await until_gone(data)
    await server.start()
    assert await server.ensure_database("kept")


async def test_start_right_after_kill_of_everything(server: EmbeddedPostgres) -> None:
    await server.start()
    await write(server, 1)
    await server.stop()
    data = server.data
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(server.folder), stdout=-1
    )
    assert supervisor.stdout is not None
    postmaster = int(await supervisor.stdout.readline())
    supervisor.kill()
    with contextlib.suppress(ProcessLookupError):
        os.kill(postmaster, signal.SIGKILL)
    await supervisor.communicate()
    await server.start()
    assert await facts(server) == [1]
    assert processes.postmasters(data) == [server.pid]


async def test_left_over_server_of_the_same_data_is_ended_first(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    await write(server, 1)
    left = server.pid
    process, server._process = server._process, None
    server._lock.release()
    await server.start()
    assert server.pid != left
    assert process is not None
    assert process.poll() is not None
    assert await facts(server) == [1]


async def test_stale_pid_file_with_the_pid_of_a_stranger_is_no_obstacle(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    await write(server, 1)
    pid_file = server.data / "postmaster.pid"
    content = pid_file.read_text()
    server.kill()
    await server.stop()
    pid_file.write_text(content.replace(content.split("\n", 1)[0], str(os.getpid()), 1))
    await server.start()
    assert await facts(server) == [1]


async def test_second_supervisor_is_refused(server: EmbeddedPostgres) -> None:
    await server.start()
    second = EmbeddedPostgres(server.folder, settings=SMALL)
    with pytest.raises(StorageError, match=str(os.getpid())) as caught:
        await second.start()
    assert caught.value.problem == "folder_in_use"
    await server.healthy()


async def test_another_port_is_found_when_the_last_one_is_taken(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    port = server.port
    await server.stop()
    with socket.create_server(("127.0.0.1", port)):
        await server.start()
    assert server.port != port


async def test_given_port_that_is_taken_is_a_clear_error(
    workspace_root: Path, tmp_path: Path
) -> None:
    folder = workspace_root / tmp_path.name
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        with pytest.raises(StorageError, match=str(port)) as caught:
            await EmbeddedPostgres(folder, port=port, settings=SMALL).start()
    assert caught.value.problem == "port_taken"


async def test_role_can_connect_to_its_own_database_only(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    await server.ensure_database("one")
    await server.ensure_database("two")
    for foreign in ("two", "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(server.url(foreign, role="one"))
    connection = await asyncpg.connect(server.url("one"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE ROLE mine")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetch("SELECT rolpassword FROM pg_authid")
    await connection.close()


async def test_no_password_no_entry(server: EmbeddedPostgres) -> None:
    await server.start()
    for attempt in ("ioc_admin", "ioc_admin:wrong"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                f"postgresql://{attempt}@127.0.0.1:{server.port}/postgres"
            )


async def test_passwords_are_private_and_never_logged(server: EmbeddedPostgres) -> None:
    await server.start()
    url = await server.ensure_database("kept")
    files = [*server.secrets.iterdir(), server.url_file("kept")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    password = urlsplit(url).password
    assert password is not None
    logs = [server.folder / "startup.log", *(server.data / "log").iterdir()]
    assert all(password not in log.read_text() for log in logs)
    assert not (server.data.parent / "initial-password").exists()


async def test_socket_folder_instead_of_a_port(workspace_root: Path) -> None:
    server = EmbeddedPostgres(
        workspace_root / "by-socket", socket_folder=workspace_root / "s", settings=SMALL
    )
    async with server:
        url = await server.ensure_database("one")
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SHOW listen_addresses") == ""
        await connection.close()


async def test_data_of_another_version_is_refused(server: EmbeddedPostgres) -> None:
    await server.start()
    await server.stop()
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(StorageError) as caught:
        await server.start()
    assert caught.value.problem == "data_of_other_version"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts as somebody else")
async def test_root_runs_it_as_somebody_else_even_below_a_closed_folder(
    workspace_root: Path, tmp_path: Path
) -> None:
    closed = workspace_root / f"{tmp_path.name}-closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(
        closed / "postgres",
        settings=SMALL,
        state_folder=workspace_root / "state",
    )
    async with server:
        await server.healthy()
        assert server.data.is_relative_to(workspace_root / "state")
        assert os.stat(f"/proc/{server.pid}").st_uid == server.data.stat().st_uid != 0
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        first = server.data
    async with server:
        assert server.data == first


async def test_copied_workspace_does_not_share_data(tmp_path: Path) -> None:
    for name in ("first", "copy"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "location.json").write_text(
            f'{{"workspace": "{tmp_path / "first"}", "data": "{tmp_path / "data"}"}}'
        )
    with pytest.raises(StorageError) as caught:
        placement.place(tmp_path / "copy", run_as=None, state_folder=tmp_path / "state")
    assert caught.value.problem == "workspace_copied"


@pytest.mark.parametrize("name", ["Nghệ", 'a"b', "", "a" * 64, "1st", "a;b"])
def test_unsafe_name_is_refused(name: str) -> None:
    with pytest.raises(StorageError):
        checked(name)
