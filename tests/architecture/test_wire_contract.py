"""The wire contract is clean, and the generated code is what it generates."""

import subprocess
import sys
from pathlib import Path

from federation.wire.refusal import REFUSAL_TEXTS, RefusalCode
from federation.wire.v1 import uplink_pb2

ROOT = Path(__file__).parents[2]


def test_protos_pass_the_linter() -> None:
    buf = Path(sys.executable).parent / "buf"
    result = subprocess.run(
        [str(buf), "lint"],
        cwd=ROOT / "proto",
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_generated_code_is_fresh() -> None:
    result = subprocess.run(
        [str(ROOT / "scripts" / "generate_wire"), "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_refusal_code_of_the_contract_has_a_text() -> None:

    numbers = {value for value in uplink_pb2.RefusalCode.values() if value}
    assert numbers == set(RefusalCode) == set(REFUSAL_TEXTS)
