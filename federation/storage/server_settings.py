"""The settings of an embedded server: sane on 2 cores and 24 GB with several tiers.

Written anew at every start, so that a new release's values arrive without anybody's
help. An operator's own values go through ``EmbeddedPostgres(settings=…)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CONNECTIONS_MAX = 120
"""Several tiers, each with a pool or two and an ORM pool, in one server."""

SETTINGS: dict[str, str] = {
    "max_connections": str(CONNECTIONS_MAX),
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "iso, ymd",
    "default_text_search_config": "pg_catalog.simple",
    # Memory. Shared buffers are touched as they are needed; nothing is paid at start.
    "shared_buffers": "1GB",
    "effective_cache_size": "8GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "temp_file_limit": "20GB",
    # Containers give /dev/shm 64 MB; queries of several tiers share two cores anyway.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    # Bursts of COPY: few checkpoints, spread out; the log is compressed.
    "wal_compression": "pglz",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # A client that vanished must not hold locks for ever.
    "idle_in_transaction_session_timeout": "5min",
    "tcp_keepalives_idle": "60",
    "client_connection_check_interval": "10s",
    # One file per weekday, emptied when its day comes round: bounded without upkeep.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "server-%u.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    "log_lock_waits": "on",
    "log_min_duration_statement": "5s",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

NOT_DURABLE: dict[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def settings_file(
    *,
    port: int,
    socket_folder: Path | None,
    cluster: str,
    durable: bool,
    extra: Mapping[str, str],
) -> str:
    """Return the text of ``postgresql.conf``.

    Args:
        port: The port; with a socket folder it only names the socket.
        socket_folder: Where the Unix socket goes; None listens on 127.0.0.1 instead.
        cluster: The name in the titles of the server's processes.
        durable: False turns ``fsync`` off.
        extra: Values that win over ours.
    """
    where = {
        "port": str(port),
        "listen_addresses": "" if socket_folder else "127.0.0.1",
        "unix_socket_directories": str(socket_folder) if socket_folder else "",
        "unix_socket_permissions": "0700",
        "cluster_name": cluster,
    }
    merged = SETTINGS | ({} if durable else NOT_DURABLE) | where | dict(extra)
    lines = [f"{name} = '{_quoted(value)}'" for name, value in merged.items()]
    return "\n".join(["# Written at every start; changes here are lost.", *lines, ""])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def access_rules(*, local: bool) -> str:
    """Return the text of ``pg_hba.conf``: a password, from this machine, always."""
    where = "local all all" if local else "host all all 127.0.0.1/32"
    return f"{where} scram-sha-256\n"


def server_environment() -> dict[str, str]:
    """Return the environment of the server: nothing of the supervisor's own."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
