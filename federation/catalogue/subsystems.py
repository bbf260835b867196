"""Subsystems: the twelve that every tier names alike, and those announced.

A subsystem that is none of them shows under the name a tier put or a child announced
for it, else its id.
"""

from __future__ import annotations

from federation.model.indicator import Text
from federation.storage.pool import Connection, PooledConnection
from federation.wire.payload import AnnouncedSubsystem

SUBSYSTEM_NAMES = {
    "socio_economic": Text(vi="Kinh tế – xã hội", en="Socio-economic"),
    "public_administration": Text(vi="Hành chính công", en="Public administration"),
    "e_documents": Text(vi="Quản lý văn bản điện tử", en="Electronic documents"),
    "health": Text(vi="Y tế", en="Health"),
    "education": Text(vi="Giáo dục", en="Education"),
    "citizen_feedback": Text(vi="Phản ánh hiện trường", en="Citizen feedback"),
    "tourism": Text(vi="Du lịch", en="Tourism"),
    "information_security": Text(vi="An toàn thông tin", en="Information security"),
    "public_order_traffic": Text(
        vi="An ninh trật tự, an toàn giao thông", en="Public order and traffic"
    ),
    "environment": Text(vi="Tài nguyên – môi trường", en="Environment"),
    "social_listening": Text(vi="Mạng xã hội, báo chí", en="Social listening"),
    "virtual_assistant": Text(vi="Trợ lý ảo", en="Virtual assistant"),
}

KNOWN_SUBSYSTEMS = {
    id_: AnnouncedSubsystem(id=id_, name=name) for id_, name in SUBSYSTEM_NAMES.items()
}


def as_announced(told: AnnouncedSubsystem) -> AnnouncedSubsystem:
    """Return what a child's word changes: the twelve keep the name all know."""
    name = SUBSYSTEM_NAMES.get(told.id, told.name)
    return AnnouncedSubsystem(id=told.id, name=name, owner_agency=told.owner_agency)


async def read_subsystems(
    handle: Connection | PooledConnection,
) -> dict[str, AnnouncedSubsystem]:
    """Return every subsystem the tier knows, by id."""
    return KNOWN_SUBSYSTEMS | {
        record["id"]: AnnouncedSubsystem(
            id=record["id"],
            name=Text(vi=record["name_vi"], en=record["name_en"]),
            owner_agency=record["owner_agency"],
        )
        for record in await handle.fetch("SELECT * FROM subsystem")
    }
