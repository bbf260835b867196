"""Making and checking the data folder of an embedded server."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from federation.storage.credentials import write_private
from federation.storage.errors import storage_error
from federation.storage.placement import POSTGRES_MAJOR, Placement, own
from federation.storage.server_settings import server_environment

INITIALISE_TIMEOUT_S = 120.0
READ_ONLY_FILE_MODE = 0o400


def initialise(
    placement: Placement, *, administrator: str, password: str, durable: bool
) -> None:
    """Run ``initdb`` beside the final place and move the finished result there.

    Raises:
        StorageError: ``initdb`` failed; with what it said.
    """
    draft = placement.data.with_name("data.new")
    password_file = placement.data.with_name("initial-password")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    own(draft, placement.run_as)
    write_private(password_file, password + "\n")
    own(password_file, placement.run_as, READ_ONLY_FILE_MODE)
    command = [str(placement.binaries / "initdb"), "-D", str(draft)]
    # The built-in locale sorts and folds alike on every machine and C library.
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--auth=scram-sha-256"]
    command += [f"--username={administrator}", f"--pwfile={password_file}"]
    command += [] if durable else ["--no-sync"]
    try:
        done = _run(command, placement)
    finally:
        password_file.unlink(missing_ok=True)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise storage_error(
            "initialise_failed",
            vi=f"Không tạo được dữ liệu PostgreSQL ở {placement.data}: {said}",
            en=f"The PostgreSQL data in {placement.data} could not be made: {said}",
        )
    draft.rename(placement.data)


def _run(
    command: list[str], placement: Placement
) -> subprocess.CompletedProcess[bytes]:
    user = placement.run_as
    return subprocess.run(
        command,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        env=server_environment(),
        capture_output=True,
        timeout=INITIALISE_TIMEOUT_S,
        check=False,
    )


def check_version(data: Path) -> None:
    """Refuse data of another major version, which the server couldn't read."""
    found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != POSTGRES_MAJOR:
        raise storage_error(
            "data_of_other_version",
            vi=f"{data} là dữ liệu PostgreSQL {found}, còn máy chủ đi kèm là "
            f"{POSTGRES_MAJOR}. Chuyển bằng pg_dump/pg_restore theo tài liệu.",
            en=f"{data} holds data of PostgreSQL {found}; the bundled server is "
            f"{POSTGRES_MAJOR}. Move it with pg_dump and pg_restore.",
        )
