"""PostgreSQL as a part of the product: made, started, watched and stopped here.

Promises:

- One supervisor per folder. A second one is refused, by a lock the kernel releases
  whatever way the first one ends.
- The server ends with its supervisor, also when that is killed (the kernel tells it;
  to the kernel the supervisor is the thread that called ``start``).
- A start after any kill recovers: what is left of an earlier server of *this* data is
  ended first, then PostgreSQL replays its log. No other process is ever touched.
- Durable: ``fsync`` is on unless a test turns it off.
- Every database has a role of its own that can connect to that database only. Passwords
  are in files of mode 0600 and nowhere else.

Not promised: on systems without ``prctl`` (not Linux) a server outlives a killed
supervisor until the next start, which finds and ends it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import asyncpg
import structlog

from federation.storage import processes, roles
from federation.storage.credentials import password_for, write_private
from federation.storage.errors import StorageError, storage_error
from federation.storage.initialise import check_version, initialise
from federation.storage.placement import STATE_FOLDER, Placement, own, place
from federation.storage.server_settings import (
    access_rules,
    server_environment,
    settings_file,
)
from federation.storage.supervision import SupervisorLock

ADMINISTRATOR = "ioc_admin"
HOST = "127.0.0.1"
POSTGRES_PORT = 5432
"""With a socket the number only names its file."""

START_TIMEOUT_S = 120.0
"""Replaying a long log after a crash takes time; then the start fails and says so."""

STOP_TIMEOUT_S = 30.0
"""How long a fast shutdown may take before the immediate one."""

PORT_ATTEMPTS_MAX = 5
"""How often another free port is tried when somebody took the last one."""

POLL_INTERVAL_S = 0.03
RESTART_DELAY_S = 0.2
RESTART_DELAY_MAX_S = 15.0
SOCKET_FOLDER_BYTES_MAX = 90
"""The address of a Unix socket holds 108 bytes, the file's own name included."""

LOG_TAIL_LINES = 3

log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """One PostgreSQL server that belongs to one folder and one supervisor."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        socket_folder: Path | None = None,
        settings: Mapping[str, str] | None = None,
        run_as: str | None = None,
        durable: bool = True,
        state_folder: Path = STATE_FOLDER,
        start_timeout_s: float = START_TIMEOUT_S,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> None:
        """Describe a server; nothing happens before ``start``.

        Args:
            folder: The supervisor's folder, made when missing.
            port: The port on 127.0.0.1; by default the last one, or a free one.
            socket_folder: A short folder for a Unix socket, instead of any port.
            settings: Lines of ``postgresql.conf`` on top of ours.
            run_as: The user of the server when the supervisor is root.
            durable: False trades safety on a power cut for speed; for tests.
            state_folder: Where data goes that ``run_as`` can't reach in ``folder``.
            start_timeout_s: How long the server may take to answer.
            stop_timeout_s: How long it may take to shut down orderly.
        """
        self.folder = folder
        self._wanted_port = port
        self._socket_folder = socket_folder
        self._settings = dict(settings or {})
        self._run_as = run_as
        self._durable = durable
        self._state_folder = state_folder
        self._start_timeout_s = start_timeout_s
        self._stop_timeout_s = stop_timeout_s
        self._port = port or 0
        self._placement: Placement | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = SupervisorLock(folder)
        self._wanted = False

    # ---- life ---------------------------------------------------------------------

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StorageError: Another supervisor owns the folder, the server can't be
                placed here, or it did not start; the text says which and what to do.
        """
        if self.running:
            return
        self._placement = await asyncio.to_thread(
            place, self.folder, run_as=self._run_as, state_folder=self._state_folder
        )
        self._lock.take()
        try:
            await self._recover_and_launch()
        except BaseException:
            await self._end_process()
            self._lock.release()
            raise
        self._wanted = True

    async def stop(self) -> None:
        """Stop the server in order and let go of the folder; harmless when stopped."""
        self._wanted = False
        await self._end_process()
        self._lock.release()

    async def restart(self) -> None:
        """Stop the server and start it again on the same port, keeping the folder."""
        await self._end_process()
        await self._recover_and_launch()

    def kill(self) -> None:
        """Kill the server and its backends without warning; for fault tests.

        A backend left alone would outlive the server for a moment, and might commit.
        """
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._placement is not None:
            left = processes.children(self._placement.data)
            processes.send(left, signal.SIGKILL)

    async def watch(self) -> None:
        """Bring the server back whenever it ends unasked; runs until cancelled."""
        delay_s = RESTART_DELAY_S
        while True:
            await asyncio.sleep(POLL_INTERVAL_S * 5)
            if not self._wanted or self.running:
                delay_s = RESTART_DELAY_S
                continue
            status = None if self._process is None else self._process.returncode
            log.error("postgres_ended", status=status, folder=str(self.folder))
            try:
                await self._recover_and_launch()
                log.info("postgres_returned", pid=self.pid, port=self.port)
            except StorageError as error:
                log.error("postgres_restart_failed", why=str(error), next_s=delay_s)
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, RESTART_DELAY_MAX_S)

    async def __aenter__(self) -> Self:
        """Start on entering."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop on leaving."""
        await self.stop()

    # ---- facts --------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Tell whether the server's process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the pid of the postmaster; 0 when there is none."""
        return self._process.pid if self._process is not None and self.running else 0

    @property
    def port(self) -> int:
        """Return the port in use (also part of the socket's name)."""
        return self._port

    @property
    def data(self) -> Path:
        """Return the data folder; known after the first ``start``."""
        return self._placed().data

    @property
    def secrets(self) -> Path:
        """Return the folder of the passwords."""
        return self.folder / "secrets"

    def url(self, database: str, *, role: str | None = None) -> str:
        """Return the address of a database with its role's password.

        Args:
            database: The database's name.
            role: Whose address; by default the database's owner.
        """
        role = role or self._state()["owners"].get(database, database)
        user = f"{role}:{quote(password_for(role, self.secrets), safe='')}"
        if self._socket_folder is None:
            return f"postgresql://{user}@{HOST}:{self._port}/{database}"
        where = urlencode({"host": str(self._socket_folder), "port": self._port})
        return f"postgresql://{user}@/{database}?{where}"

    def admin_url(self, database: str = "postgres") -> str:
        """Return the administrator's address of a database; for upkeep and tests."""
        return self.url(database, role=ADMINISTRATOR)

    def url_file(self, database: str) -> Path:
        """Return a file of mode 0600 with ``url(database)``, for a ``*_FILE`` setting.

        Call it after ``start``: the port may have changed.
        """
        path = self.secrets / f"{database}.url"
        write_private(path, self.url(database) + "\n")
        return path

    async def healthy(self) -> None:
        """Return when the server answers a query.

        Raises:
            OSError, asyncpg.PostgresError: It does not; why.
        """
        connection = await asyncpg.connect(self.admin_url(), timeout=5)
        try:
            await connection.fetchval("SELECT 1")
        finally:
            await connection.close()

    async def ensure_database(
        self, name: str, owner: str | None = None, *, template: str | None = None
    ) -> str:
        """Make a database and its role when missing; return its address.

        Args:
            name: The database: lower-case letters, digits and ``_``.
            owner: Its role, the only one that may connect; by default named alike, or
                the owner of the template, to whom everything in the copy belongs.
            template: A database to copy; nobody may be connected to it.
        """
        owners = self._state()["owners"]
        owner = owner or (owners[template] if template else name)
        password = password_for(roles.checked(owner), self.secrets)
        connection = await asyncpg.connect(self.admin_url())
        try:
            await roles.ensure_role(connection, owner, password)
            await roles.ensure_database(connection, name, owner, template=template)
        finally:
            await connection.close()
        state = self._state()
        if state["owners"].get(name) != owner:
            state["owners"][name] = owner
            self._write_state(state)
        return self.url(name)

    # ---- the folder ---------------------------------------------------------------

    def _placed(self) -> Placement:
        if self._placement is None:
            raise storage_error(
                "not_started",
                vi="Máy chủ PostgreSQL đi kèm chưa được khởi động.",
                en="The embedded PostgreSQL has not been started.",
            )
        return self._placement

    def _state(self) -> dict[str, Any]:
        path = self.folder / "server.json"
        if not path.exists():
            return {"port": 0, "owners": {}}
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return state

    def _write_state(self, state: dict[str, Any]) -> None:
        write_private(self.folder / "server.json", json.dumps(state, indent=2) + "\n")

    # ---- the server ---------------------------------------------------------------

    async def _recover_and_launch(self) -> None:
        placement = self._placed()
        if left := await processes.end_leftovers(placement.data):
            log.warning("postgres_leftovers_ended", count=left)
        if not (placement.data / "PG_VERSION").exists():
            await asyncio.to_thread(
                initialise,
                placement,
                administrator=ADMINISTRATOR,
                password=password_for(ADMINISTRATOR, self.secrets),
                durable=self._durable,
            )
        check_version(placement.data)
        # We hold the folder and no process of this data is alive: the file is stale,
        # and the pid in it may by now be anybody's, which would stop PostgreSQL.
        (placement.data / "postmaster.pid").unlink(missing_ok=True)
        for attempt in range(PORT_ATTEMPTS_MAX):
            self._port = self._choose_port(attempt)
            self._configure()
            self._launch()
            if await self._answers():
                break
            if attempt + 1 == PORT_ATTEMPTS_MAX or not self._port_was_taken():
                raise self._start_error()
        self._write_state(self._state() | {"port": self._port})

    def _choose_port(self, attempt: int) -> int:
        wanted = self._wanted_port or int(self._port or self._state()["port"])
        if self._socket_folder is not None:
            return wanted or POSTGRES_PORT
        if wanted and attempt == 0 and _bound(wanted):
            return wanted
        if self._wanted_port:
            raise storage_error(
                "port_taken",
                vi=f"Cổng {wanted} trên {HOST} đang do chương trình khác dùng. Chọn "
                "cổng khác trong cấu hình, hoặc dừng chương trình đó.",
                en=f"Port {wanted} on {HOST} is in use by another program. Set another "
                "port, or stop that program.",
            )
        return _bound(0)

    def _configure(self) -> None:
        placement = self._placed()
        if self._socket_folder is not None:
            self._make_socket_folder(self._socket_folder)
        text = settings_file(
            port=self._port,
            socket_folder=self._socket_folder,
            cluster=processes.cluster_name(placement.data),
            durable=self._durable,
            extra=self._settings,
        )
        rules = access_rules(local=self._socket_folder is not None)
        for name, content in (("postgresql.conf", text), ("pg_hba.conf", rules)):
            write_private(placement.data / name, content)
            own(placement.data / name, placement.run_as, 0o600)

    def _make_socket_folder(self, folder: Path) -> None:
        if len(os.fsencode(folder)) > SOCKET_FOLDER_BYTES_MAX:
            raise storage_error(
                "socket_folder_too_long",
                vi=f"Đường dẫn socket {folder} dài quá {SOCKET_FOLDER_BYTES_MAX} byte; "
                "chọn thư mục ngắn hơn.",
                en=f"The socket folder {folder} is longer than "
                f"{SOCKET_FOLDER_BYTES_MAX} bytes; choose a shorter one.",
            )
        folder.mkdir(parents=True, exist_ok=True)
        own(folder, self._placed().run_as)

    def _launch(self) -> None:
        placement = self._placed()
        user = placement.run_as
        launcher = Path(__file__).with_name("launch_postmaster.py")
        command = [sys.executable, "-I", "-S", str(launcher), str(os.getpid())]
        command += [str(user.uid), str(user.gid)] if user else ["-1", "-1"]
        command += [str(placement.binaries / "postgres"), "-D", str(placement.data)]
        with (self.folder / "startup.log").open("wb") as startup_log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=startup_log,
                stderr=startup_log,
                cwd="/",
                env=server_environment(),
                # Ctrl-C in the terminal is for the supervisor, who stops the server
                # last.
                start_new_session=True,
            )

    async def _answers(self) -> bool:
        """Wait until the server answers; False when its process ended instead."""
        deadline = time.monotonic() + self._start_timeout_s
        while self.running:
            try:
                await self.healthy()
            except (OSError, TimeoutError, asyncpg.PostgresError) as error:
                if time.monotonic() > deadline:
                    raise self._start_error(str(error)) from error
                await asyncio.sleep(POLL_INTERVAL_S)
            else:
                return True
        return False

    def _port_was_taken(self) -> bool:
        said = "\n".join(self._log_tail(50))
        return self._wanted_port is None and "could not bind" in said

    def _log_tail(self, lines: int = LOG_TAIL_LINES) -> list[str]:
        said: list[str] = []
        logs = [self.folder / "startup.log"]
        logs += sorted((self._placed().data / "log").glob("*.log"))[-1:]
        for path in logs:
            if path.exists():
                text = path.read_text(encoding="utf-8", errors="replace")
                said += text.strip().splitlines()[-lines:]
        return said

    def _start_error(self, why: str = "") -> StorageError:
        said = "; ".join(self._log_tail() + ([why] if why else []))
        data = self._placed().data
        return storage_error(
            "start_failed",
            vi=f"PostgreSQL không khởi động được (cổng {self._port}, dữ liệu {data}): "
            f"{said}. Xem {data / 'log'}.",
            en=f"PostgreSQL did not start (port {self._port}, data {data}): {said}. "
            f"See {data / 'log'}.",
        )

    async def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        steps = (
            (signal.SIGINT, self._stop_timeout_s),
            (signal.SIGQUIT, processes.IMMEDIATE_SHUTDOWN_S),
            (signal.SIGKILL, processes.IMMEDIATE_SHUTDOWN_S),
        )
        for number, patience_s in steps:
            if process.poll() is not None:
                break
            process.send_signal(number)
            deadline = time.monotonic() + patience_s
            while process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(POLL_INTERVAL_S)
        self._process = None


def _bound(port: int) -> int:
    """Return a port that could be bound a moment ago (0: any), or 0 if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return 0
        return int(probe.getsockname()[1])
