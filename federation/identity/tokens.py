"""Join tokens: 256 random bits that a person can copy.

``IOC-`` and groups of four letters or digits without those that look alike; the last
group is a check, so that a slip of the pen is told at once and not by the parent. A
parent stores only the hash of a token.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import secrets
from pathlib import Path

from federation.errors import ErrorCode, FederationError
from federation.storage.credentials import write_private

TOKEN_BITS = 256
TOKEN_PREFIX = "IOC"  # noqa: S105 - the visible beginning of every token
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U."""

TOKEN_CHARS = 52
CHECK_CHARS = 4
GROUP_CHARS = 4
TOKEN_FILE_CHARS_MAX = 4096
_LOOK_ALIKE = str.maketrans("ILO", "110")


def new_token() -> str:
    """Return a fresh token, ready to be shown once."""
    number = secrets.randbits(TOKEN_BITS)
    letters = "".join(
        ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(TOKEN_CHARS))
    )
    letters += _check_of(letters)
    groups = [
        letters[start : start + GROUP_CHARS]
        for start in range(0, len(letters), GROUP_CHARS)
    ]
    return "-".join([TOKEN_PREFIX, *groups])


def read_token(text: str) -> str:
    """Return a token as it was made, from what a person typed or pasted.

    Spaces, dashes and case don't matter; O is read as 0, I and L as 1.

    Raises:
        FederationError: It is no token, or a character is wrong
            (``invalid-argument``).
    """
    letters = re.sub(r"[\s-]", "", text).upper()
    letters = letters.removeprefix(TOKEN_PREFIX).translate(_LOOK_ALIKE)
    body, check = letters[:TOKEN_CHARS], letters[TOKEN_CHARS:]
    if len(body) != TOKEN_CHARS or set(letters) - set(ALPHABET):
        raise _unreadable()
    if check != _check_of(body):
        raise _unreadable()
    groups = [
        letters[start : start + GROUP_CHARS]
        for start in range(0, len(letters), GROUP_CHARS)
    ]
    return "-".join([TOKEN_PREFIX, *groups])


def token_hash(token: str) -> bytes:
    """Return what a parent stores of a token.

    A plain hash is enough: 256 random bits can't be guessed, however fast one tries.
    """
    return hashlib.sha256(token.encode()).digest()


@dataclasses.dataclass(frozen=True, kw_only=True)
class JoinTicket:
    """What a token file holds: the token, for whom, and whose it is."""

    token: str
    node: str = ""
    parent_key_id: bytes = b""
    """Empty when the file holds the bare token; then the first parent is believed."""


def write_ticket(path: Path, ticket: JoinTicket) -> None:
    """Write a token file that only its owner can read.

    Raises:
        FederationError: It can't be written there (``invalid-argument``).
    """
    text = (
        f"token: {ticket.token}\n"
        f"node: {ticket.node}\n"
        f"parent-key: {ticket.parent_key_id.hex()}\n"
    )
    try:
        write_private(path, text)
    except OSError as error:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Không ghi được tệp mã tham gia {path}: {error.strerror}. Tạo thư mục "
            "hoặc chọn nơi khác.",
            f"The token file {path} can't be written: {error.strerror}. Make its "
            "folder, or choose another place.",
            {"path": str(path)},
        ) from error


KEY_ID_BYTES = 32
TICKET_FIELDS = {"token", "node", "parent-key"}
"""The lines of a token file; a bare token has none of them."""


def read_ticket(text: str) -> JoinTicket:
    """Return the ticket of a token file's text, or of a bare token.

    Raises:
        FederationError: There is no token in it (``invalid-argument``).
    """
    if len(text) > TOKEN_FILE_CHARS_MAX:
        raise _unreadable()
    fields = dict(re.findall(r"^\s*([^\s:#]+)\s*:\s*(\S*)\s*$", text, re.M))
    if fields and set(fields) != TICKET_FIELDS:
        # A mistyped name must not make the check of the parent's key go away.
        raise _unreadable()
    try:
        key_id = bytes.fromhex(fields.get("parent-key", ""))
    except ValueError as error:
        raise _unreadable() from error
    if fields and len(key_id) != KEY_ID_BYTES:
        raise _unreadable()
    return JoinTicket(
        token=read_token(fields.get("token", text)),
        node=fields.get("node", ""),
        parent_key_id=key_id,
    )


def _check_of(letters: str) -> str:
    number = int.from_bytes(hashlib.sha256(letters.encode()).digest()[:4], "big")
    return "".join(
        ALPHABET[(number >> (5 * place)) & 31] for place in range(CHECK_CHARS)
    )


def _unreadable() -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        "Mã ghi danh sai hoặc thiếu ký tự. Chép lại nguyên mã, bắt đầu bằng "
        f"{TOKEN_PREFIX}-, hoặc xin cấp trên mã mới.",
        "The join token has a wrong or missing character. Copy the whole of it, from "
        f"{TOKEN_PREFIX}- on, or ask the parent for a new one.",
    )
