"""Ed25519 keys: made at the first start, kept in a file only their owner can read.

A key's id is the SHA-256 of the raw public key. A key that others could read is
refused, not repaired: nobody can tell any more who has a copy.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from federation.errors import ErrorCode, FederationError

PUBLIC_KEY_BYTES = 32
KEY_FILE_MODE = 0o600
KEY_FOLDER_MODE = 0o700
KEY_FILE_BYTES_MAX = 4096
"""A longer file is no Ed25519 key; it is refused unread."""


def key_id_of(public_key: bytes) -> bytes:
    """Return the id of a raw public key: its SHA-256, 32 bytes."""
    return hashlib.sha256(public_key).digest()


class Verifier:
    """Checks signatures of one public key."""

    def __init__(self, public_key: bytes) -> None:
        """Take a raw public key of 32 bytes; anything else raises ``ValueError``."""
        self._key = Ed25519PublicKey.from_public_bytes(public_key)
        self.public_key = public_key
        self.key_id = key_id_of(public_key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Return whether the key signed exactly this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signer:
    """Signs with one private key."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._key = private_key
        self.public_key = private_key.public_key().public_bytes(
            Encoding.Raw, PublicFormat.Raw
        )
        self.key_id = key_id_of(self.public_key)

    @classmethod
    def generate(cls) -> Signer:
        """Return a signer with a fresh key that is stored nowhere."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message: 64 bytes, the same every time."""
        return self._key.sign(message)

    def verifier(self) -> Verifier:
        """Return the checker of this signer's signatures."""
        return Verifier(self.public_key)

    def to_pem(self) -> bytes:
        """Return the private key as PKCS#8 in PEM, for the key file only."""
        return self._key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )


def load_or_create_key(path: Path) -> Signer:
    """Return the key of a file, making key and file at the first start.

    Two processes that start at once get the same key. After a crash there is a whole
    file or none.

    Raises:
        FederationError: The file is no Ed25519 key, is not a plain file of this user,
            or can be read by others (``configuration``, permanent).
    """
    try:
        return _load(path)
    except FileNotFoundError:
        _create(path)
        return _load(path)


def _load(path: Path) -> Signer:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _refused(
            path,
            vi=f"không mở được ({error.strerror})",
            en=f"it cannot be opened ({error.strerror})",
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        _check_private(path, os.fstat(descriptor))
        pem = file.read(KEY_FILE_BYTES_MAX)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise _not_a_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path)
    return Signer(key)


def _check_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        raise _refused(
            path,
            vi="không phải tệp thường của người dùng đang chạy chương trình",
            en="it is not a plain file of the user who runs the program",
        )
    if status.st_mode & 0o077:
        raise _refused(
            path,
            vi=f"người khác đọc được (quyền {stat.S_IMODE(status.st_mode):04o}). Nếu "
            "chắc chắn chưa ai sao chép, đặt lại quyền 0600; nếu không, xóa tệp để "
            "tạo khóa mới và ghi danh lại bằng mã mới",
            en=f"others can read it (mode {stat.S_IMODE(status.st_mode):04o}). If "
            "nobody can have copied it, set the mode to 0600; if in doubt, delete "
            "the file, so that a new key is made, and join again with a new token",
        )


def _create(path: Path) -> None:
    folder = path.parent
    folder.mkdir(mode=KEY_FOLDER_MODE, parents=True, exist_ok=True)
    draft = folder / f".{path.name}.{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(draft, flags, KEY_FILE_MODE), "wb") as file:
            file.write(Signer.generate().to_pem())
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, a link never replaces the key of a faster process.
            os.link(draft, path)
        except FileExistsError:
            return
        _sync_folder(folder)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_a_key(path: Path) -> FederationError:
    return _refused(
        path,
        vi="không phải khóa Ed25519; khôi phục tệp từ bản sao lưu, hoặc xóa tệp để tạo "
        "khóa mới và ghi danh lại bằng mã mới",
        en="it is no Ed25519 key; restore the file from a backup, or delete it, so "
        "that a new key is made, and join again with a new token",
    )


def _refused(path: Path, *, vi: str, en: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Tệp khóa {path} bị từ chối: {vi}.",
        f"The key file {path} is refused: {en}.",
        {"file": str(path)},
    )
