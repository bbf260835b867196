"""Passwords of an embedded server: made here, kept in files, never told to the server.

The server gets the SCRAM verifier only (RFC 5802, as PostgreSQL stores it), so that no
password can appear in its log, in ``pg_stat_activity`` or in an error.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

SCRAM_ITERATIONS = 4096
"""PostgreSQL's own default; the passwords carry 256 random bits."""

SCRAM_SALT_BYTES = 16
PASSWORD_BYTES = 32
PRIVATE_FILE_MODE = 0o600
PRIVATE_FOLDER_MODE = 0o700


def write_private(path: Path, text: str) -> None:
    """Writes a file only its owner can read, all of it or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(draft, flags, PRIVATE_FILE_MODE), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def password_for(role: str, folder: Path) -> str:
    """Returns the password of a role, making it at the first call.

    Args:
        role: The role's name.
        folder: The folder of the secrets, readable by its owner only.
    """
    path = folder / f"{role}.password"
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    folder.mkdir(mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    write_private(path, password + "\n")
    return password


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """Returns the text PostgreSQL stores for a password under SCRAM-SHA-256."""
    salt = secrets.token_bytes(SCRAM_SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (
        base64.b64encode(part).decode() for part in (salt, stored_key, server_key)
    )
    return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{salt_text}${stored_text}:{server_text}"
