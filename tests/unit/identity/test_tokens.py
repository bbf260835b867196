"""Join tokens survive being copied by hand, and say so when they don't."""

import stat
from pathlib import Path

import pytest

from federation.errors import FederationError
from federation.identity.tokens import (
    JoinTicket,
    new_token,
    read_ticket,
    read_token,
    token_hash,
    write_ticket,
)


def test_a_token_survives_a_persons_hand() -> None:
    token = new_token()
    assert read_token(token) == token
    assert read_token(f"  {token.lower().replace('-', ' ')}\n") == token
    assert read_token(token.replace("-", "")) == token


def test_look_alikes_are_read_as_what_was_meant() -> None:
    token = next(
        token for token in iter(new_token, "") if "0" in token[4:] and "1" in token[4:]
    )
    mistaken = "IOC-" + token[4:].replace("0", "O").replace("1", "l")
    assert read_token(mistaken) == token


def test_a_slip_of_the_pen_is_told_at_once() -> None:
    token = new_token()
    wrong = "2" if token[10] != "2" else "3"
    for text in (token[:10] + wrong + token[11:], token[:-1], token + "A", "", "IOC"):
        with pytest.raises(FederationError) as refused:
            read_token(text)
        assert refused.value.text_vi != refused.value.text_en


def test_tokens_differ_and_their_hash_does_not_show_them() -> None:
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50
    token = tokens.pop()
    assert len(token_hash(token)) == 32
    assert token.encode() not in token_hash(token)


def test_a_token_file_names_its_parent_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "vinh.token"
    ticket = JoinTicket(token=new_token(), node="vinh", parent_key_id=b"k" * 32)
    write_ticket(path, ticket)
    assert read_ticket(path.read_text()) == ticket
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_ticket(ticket.token) == JoinTicket(token=ticket.token)


def test_a_token_file_with_a_broken_parent_key_is_refused() -> None:
    with pytest.raises(FederationError):
        read_ticket(f"token: {new_token()}\nparent-key: nonsense\n")


def test_a_mistyped_line_does_not_switch_the_check_of_the_parent_off() -> None:
    key = (b"k" * 32).hex()
    with pytest.raises(FederationError):
        read_ticket(f"token: {new_token()}\nnode: vinh\nparent-k0y: {key}\n")
    with pytest.raises(FederationError):
        read_ticket(f"token: {new_token()}\nnode: vinh\nparent-key:\n")
