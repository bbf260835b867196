"""Rows of every measure come back as they went, and broken ones are told."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.algebra.merge import merge_all
from federation.algebra.soundness import wrong_state
from federation.algebra.value import exact_value
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Measure, MergeRule
from federation.model.row import State
from federation.model.status import STATUS_COUNT
from federation.wire.block_codec import decode_block, encode_blocks, validate_block
from federation.wire.refusal import RefusalCode, WireError
from federation.wire.v1 import rows_pb2 as pb
from tests.contract.algebra.worlds import (
    CONTRACTS,
    law,
    rows_of,
    seeds,
    some_seeds,
    through_the_wire,
    total,
    wire_rows,
)
from tests.indicators import an_indicator

PUBLISHED = an_indicator(
    "a.published",
    measure=Measure.PUBLISHED,
    over_time=MergeRule.NONE,
    over_place=MergeRule.NONE,
    may_be_negative=True,
)
TRAVELS = CONTRACTS | {"published": PUBLISHED}
every_measure = pytest.mark.parametrize("name", sorted(TRAVELS))


@every_measure
@law
@given(drawn=seeds)
def test_rows_come_back_as_they_went(name: str, drawn: list[int]) -> None:
    contract = TRAVELS[name]
    rows = rows_of(contract, drawn)
    made = total(contract, rows, "40") if contract is not PUBLISHED else None
    sent = [*rows, made] if made is not None else rows
    assert through_the_wire(contract, sent) == sent


def test_every_measure_that_travels_is_tried() -> None:
    tried = {contract.measure for contract in TRAVELS.values()}
    assert tried == set(Measure) - {Measure.COMPOSITE}


def _drop(block: pb.Block, random: Random) -> None:
    column = random.choice(_columns(block))
    if column:
        del column[random.randrange(len(column))]


def _repeat(block: pb.Block, random: Random) -> None:
    column = random.choice(_columns(block))
    if column:
        column.append(column[random.randrange(len(column))])


def _overwrite(block: pb.Block, random: Random) -> None:
    column = random.choice(_columns(block))
    if not column:
        return
    place = random.randrange(len(column))
    if isinstance(column[place], bytes):
        column[place] = random.choice(
            (b"", b"\0", column[place][:-8], column[place][:-1], random.randbytes(40))
        )
        return
    value = random.choice((0, 1, -1, 200, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 1))
    try:
        column[place] = value
    except ValueError:
        column[place] = 0


def _columns(block: pb.Block) -> list[Any]:
    """Return every column there is, those of the state among them."""
    state = block.WhichOneof("state")
    of_state = getattr(block, state) if state else pb.ScalarColumns()
    return [
        getattr(message, name.name)
        for message in (block, block.counted, of_state)
        for name in message.DESCRIPTOR.fields
        if name.is_repeated
    ]


@every_measure
@law
@given(drawn=some_seeds, seed=st.integers(0, 2**32))
def test_a_block_that_somebody_changed_is_refused_or_can_be_read(
    name: str, drawn: list[int], seed: int
) -> None:
    contract, random = TRAVELS[name], Random(seed)
    (block,) = encode_blocks(wire_rows(contract, rows_of(contract, drawn)))
    for _ in range(random.randint(1, 3)):
        random.choice((_drop, _repeat, _overwrite))(block, random)
    arrived = pb.Block.FromString(block.SerializeToString())
    refusal = _refusal_of(arrived)
    assert refusal in (None, RefusalCode.ROWS_INVALID)
    for wire in decode_block(arrived) if refusal is None else ():
        assert len(wire.counts.statuses) == STATUS_COUNT
        if wire.state is not None and not wrong_state(contract, wire.state):
            exact_value(contract, wire.state)
            if contract is not PUBLISHED:
                _merged_or_too_large(contract.over_place, wire.state)


def _refusal_of(block: pb.Block) -> RefusalCode | None:
    try:
        validate_block(block)
    except WireError as error:
        return error.refusal
    return None


def _merged_or_too_large(rule: MergeRule, state: State) -> None:
    try:
        merge_all(rule, [state, state], "x")
    except FederationError as error:
        if error.code is not ErrorCode.OVERFLOW:
            raise
