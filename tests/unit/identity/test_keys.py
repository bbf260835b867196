"""Keys: made once, kept private, refused when they are not."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from federation.errors import ErrorCode, FederationError
from federation.identity.keys import Signer, Verifier, key_id_of, load_or_create_key


def test_the_key_of_the_first_start_is_the_key_of_every_start(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "node.key"
    first = load_or_create_key(path)
    again = load_or_create_key(path)
    assert again.public_key == first.public_key
    assert first.key_id == key_id_of(first.public_key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["node.key"]


async def test_two_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    made = await asyncio.gather(
        *(asyncio.to_thread(load_or_create_key, path) for _ in range(8))
    )
    assert len({signer.public_key for signer in made}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "node.key"
    load_or_create_key(path)
    path.chmod(mode)
    with pytest.raises(FederationError) as refused:
        load_or_create_key(path)
    assert refused.value.code is ErrorCode.CONFIGURATION
    assert "0600" in refused.value.text_vi
    assert "0600" in refused.value.text_en


def test_a_link_in_place_of_the_key_is_refused(tmp_path: Path) -> None:
    load_or_create_key(tmp_path / "other.key")
    path = tmp_path / "node.key"
    path.symlink_to(tmp_path / "other.key")
    with pytest.raises(FederationError):
        load_or_create_key(path)


@pytest.mark.parametrize("text", [b"", b"nonsense", b"x" * 10_000])
def test_a_file_that_is_no_key_is_refused_and_kept(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "node.key"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(FederationError) as refused:
        load_or_create_key(path)
    assert refused.value.where == {"file": str(path)}
    assert path.read_bytes() == text


def test_only_the_very_message_and_key_verify() -> None:
    signer = Signer.generate()
    signature = signer.sign(b"message")
    verifier = Verifier(signer.public_key)
    assert verifier.verify(b"message", signature)
    assert not verifier.verify(b"messagf", signature)
    assert not verifier.verify(b"message", signature[:-1])
    assert not Signer.generate().verifier().verify(b"message", signature)
