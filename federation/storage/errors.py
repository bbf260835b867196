"""What can go wrong with storage, and the two words that matter: retriable, permanent.

``classify`` turns an error of the database driver into one of ours.
"""

from __future__ import annotations

import asyncpg

from federation.errors import ErrorCode, FederationError

RETRIABLE_CLASSES = frozenset({"08", "40", "53", "57", "58"})
"""SQLSTATE classes that pass by themselves.

Connection lost, transaction rolled back (deadlock, serialization), out of a resource,
operator intervention (shutdown, starting up, cancelled), system error. PostgreSQL
manual, Appendix A.
"""

LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE of a lock that another transaction holds: also passes by itself."""


class StorageError(FederationError):
    """Something about a database: the server, a connection, a statement, a schema."""

    @property
    def problem(self) -> str:
        """Return the stable short name of what is wrong, such as ``folder_in_use``."""
        return str(self.where["problem"])


def storage_error(
    problem: str, *, vi: str, en: str, retriable: bool = False
) -> StorageError:
    """Return an error of this package; ``problem`` is its stable short name."""
    code = ErrorCode.STORAGE_UNAVAILABLE if retriable else ErrorCode.STORAGE
    return StorageError(code, vi, en, {"problem": problem})


def is_retriable(error: BaseException) -> bool:
    """Tells whether the same call may succeed later without anyone's help."""
    if isinstance(error, FederationError):
        return error.retriable
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in RETRIABLE_CLASSES or state == LOCK_NOT_AVAILABLE
    if isinstance(error, asyncpg.InterfaceError):
        # The driver's own state: "connection is closed", "pool is closing".
        return "clos" in str(error) or "released back" in str(error)
    # The internal error comes where a connection died in the middle of a statement.
    return isinstance(error, asyncpg.InternalClientError | OSError | TimeoutError)


def classify(error: BaseException, *, doing: str) -> StorageError:
    """Returns our error for an error of the driver.

    Args:
        error: What the driver raised.
        doing: What was being done, as a short noun phrase of the technical log.
    """
    retriable = is_retriable(error)
    name = type(error).__name__
    if retriable:
        return storage_error(
            "unavailable",
            vi=f"Cơ sở dữ liệu tạm thời không trả lời ({doing}: {name}: {error}). "
            "Hệ thống sẽ tự thử lại.",
            en=f"The database does not answer for now ({doing}: {name}: {error}). "
            "It will be tried again.",
            retriable=True,
        )
    return storage_error(
        "statement_refused",
        vi=f"Cơ sở dữ liệu từ chối lệnh ({doing}: {name}: {error}). "
        "Thử lại sẽ không có kết quả khác; xem nhật ký.",
        en=f"The database refused the statement ({doing}: {name}: {error}). "
        "Trying again changes nothing; see the log.",
    )
