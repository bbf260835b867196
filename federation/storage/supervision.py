"""One supervisor per folder, by a lock that ends with its holder.

The kernel releases the lock whatever way the holder ends; a file with a pid would not
be. The pid in the file is only there to be shown.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from federation.storage.credentials import PRIVATE_FILE_MODE
from federation.storage.errors import storage_error


class SupervisorLock:
    """The right to run the server of a folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is taken yet."""
        self._path = folder / "supervisor.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            StorageError: Another process has it (``folder_in_use``).
        """
        # Opened without truncating: when the lock is taken, the holder's pid is read.
        flags = os.O_RDWR | os.O_CREAT
        descriptor = os.open(self._path, flags, PRIVATE_FILE_MODE)
        file = os.fdopen(descriptor, "r+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "?"
            file.close()
            folder = self._path.parent
            raise storage_error(
                "folder_in_use",
                vi=f"{folder} đang do tiến trình {holder} quản lý. Dừng tiến trình "
                "đó, hoặc chọn workspace khác.",
                en=f"{folder} is in use by process {holder}. Stop that one, or choose "
                "another workspace.",
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None
