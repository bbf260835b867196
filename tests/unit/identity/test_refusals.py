"""Every refusal says what is wrong in both languages, and when to try again."""

from federation.identity.refusals import SLOWLY_MS, refusal_of, retry_after_ms
from federation.wire.refusal import RETRIABLE, RefusalCode, wire_error
from federation.wire.v1 import uplink_pb2 as pb


def test_every_code_of_the_wire_can_be_said() -> None:
    for code in RefusalCode:
        message = refusal_of(wire_error(code), stream="vinh")
        assert message.code == getattr(pb, f"REFUSAL_CODE_{code.name}") or (
            message.code == int(code)
        )
        assert message.text_vi
        assert message.text_en


def test_what_passes_by_itself_is_tried_again_soon() -> None:
    assert all(0 < retry_after_ms(code) < SLOWLY_MS for code in RETRIABLE)
    assert retry_after_ms(RefusalCode.TOKEN_USED) == 0
