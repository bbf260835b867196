"""Names of the twelve subsystems that every tier knows.

A subsystem that is none of them shows under the name a tier put for it, else its id.
"""

from federation.model.indicator import Text

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
