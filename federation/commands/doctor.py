"""Checks that say what is wrong and what to do about it."""

import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from federation.errors import FederationError
from federation.model.indicator import Text

ANSWER_TIMEOUT_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found; ``remedy`` says what to do when it is not well."""

    name: str
    ok: bool
    found: Text
    remedy: Text | None = None


Check = Callable[[], Awaitable[Finding]]


async def examine(checks: Sequence[Check]) -> list[Finding]:
    """Run checks one after the other, so that the first cause comes first."""
    return [await check() for check in checks]


def well(name: str, vi: str, en: str) -> Finding:
    """Return a finding that is as it should be."""
    return Finding(name=name, ok=True, found=Text(vi=vi, en=en))


def unwell(name: str, found: Text, remedy: Text) -> Finding:
    """Return a finding that somebody must do something about."""
    return Finding(name=name, ok=False, found=found, remedy=remedy)


def of_error(name: str, error: FederationError) -> Finding:
    """Return a finding from an error, whose text already says what to do."""
    found = Text(vi=error.text_vi, en=error.text_en)
    return Finding(name=name, ok=False, found=found)


def port(name: str, host: str, number: int, *, live_url: str | None = None) -> Check:
    """Check that a port can be listened on, or that our own service already does.

    Args:
        name: Of the check.
        host: The address to listen on.
        number: The port.
        live_url: ``/livez`` of the service that may already be running.
    """

    async def check() -> Finding:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, number))
        except OSError as error:
            if live_url is not None and await _answers(live_url):
                return well(
                    name,
                    f"Dịch vụ đang chạy tại {host}:{number}.",
                    f"The service runs at {host}:{number}.",
                )
            return unwell(
                name,
                Text(
                    vi=f"Không mở được cổng {host}:{number}: {error.strerror}.",
                    en=f"Port {host}:{number} can't be opened: {error.strerror}.",
                ),
                Text(
                    vi="Chọn cổng khác trong cấu hình, hoặc dừng chương trình đang "
                    "giữ cổng (xem bằng ss -ltnp).",
                    en="Choose another port in the configuration, or stop the program "
                    "that holds it (ss -ltnp shows it).",
                ),
            )
        return well(
            name, f"Cổng {host}:{number} còn trống.", f"Port {host}:{number} is free."
        )

    return check


def folder(name: str, path: Path) -> Check:
    """Check that a folder is there, or can be made, and can be written to."""

    async def check() -> Finding:
        present = path
        while not present.exists() and present != present.parent:
            present = present.parent
        if present.is_dir() and os.access(present, os.W_OK | os.X_OK):
            return well(name, f"Ghi được vào {path}.", f"{path} can be written to.")
        return unwell(
            name,
            Text(vi=f"Không ghi được vào {path}.", en=f"{path} can't be written to."),
            Text(
                vi=f"Cấp quyền ghi tại {present} cho người dùng chạy dịch vụ.",
                en=f"Let the user that runs the service write to {present}.",
            ),
        )

    return check


def private_file(name: str, path: Path) -> Check:
    """Check that a secret's file is there and that only its owner can read it."""

    async def check() -> Finding:
        if not os.access(path, os.R_OK):
            return unwell(
                name,
                Text(vi=f"Không đọc được {path}.", en=f"{path} can't be read."),
                Text(
                    vi="Kiểm tra đường dẫn trong cấu hình và quyền đọc của tệp.",
                    en="Check the path in the configuration and the file's mode.",
                ),
            )
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            return unwell(
                name,
                Text(
                    vi=f"Người khác đọc được {path} (quyền {mode:o}).",
                    en=f"Others can read {path} (mode {mode:o}).",
                ),
                Text(vi=f"Chạy: chmod 600 {path}", en=f"Run: chmod 600 {path}"),
            )
        return well(name, f"{path} được giữ kín.", f"{path} is kept private.")

    return check


def readable(name: str, path: Path) -> Check:
    """Check that a file that the configuration names can be read."""

    async def check() -> Finding:
        if path.is_file() and os.access(path, os.R_OK):
            return well(name, f"Đọc được {path}.", f"{path} can be read.")
        return unwell(
            name,
            Text(vi=f"Không đọc được {path}.", en=f"{path} can't be read."),
            Text(
                vi="Kiểm tra đường dẫn trong cấu hình và quyền đọc của tệp.",
                en="Check the path in the configuration and the file's mode.",
            ),
        )

    return check


def reachable(name: str, address: str) -> Check:
    """Check that something listens at ``host:port``."""

    async def check() -> Finding:
        host, _, number = address.rpartition(":")
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(number))
        except (OSError, TimeoutError, ValueError) as error:
            return unwell(
                name,
                Text(
                    vi=f"Không kết nối được tới {address}: {error}",
                    en=f"{address} can't be reached: {error}",
                ),
                Text(
                    vi="Kiểm tra địa chỉ, tường lửa và dịch vụ ở phía bên kia. Khi mất "
                    "kết nối, dịch vụ vẫn chạy và tự gửi lại sau.",
                    en="Check the address, the firewall and the service there. While "
                    "it is away this one keeps working and sends later.",
                ),
            )
        writer.close()
        await writer.wait_closed()
        return well(name, f"{address} trả lời.", f"{address} answers.")

    return check


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=ANSWER_TIMEOUT_S) as client:
            return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
