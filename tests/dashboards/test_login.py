"""Nobody gets in who does not belong, and who may is told what is wrong."""

import json
import subprocess
from http.cookies import SimpleCookie

import httpx
import pytest

from tests.dashboards.fake_tier import PASSWORD
from tests.dashboards.served import ROOT, Served, program, write_config

RIGHT = {"username": "admin", "password": PASSWORD}
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


def sign_in(page: Served, *, headers=None, lang="vi", **fields):
    return httpx.post(
        f"{page.url}/dang-nhap?lang={lang}",
        data=fields,
        headers=FROM_HERE if headers is None else headers,
        trust_env=False,
    )


def get(page: Served, path: str, **options):
    return httpx.get(f"{page.url}{path}", trust_env=False, **options)


def test_a_stranger_is_sent_to_the_log_in(page_at):
    answer = get(page_at, "/?lang=en&theme=dark")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/dang-nhap?lang=en&theme=dark"


@pytest.mark.parametrize("path", ["/index.html", "/khong-co?lang=en"])
def test_an_address_without_a_page_leads_home(page_at, path):
    answer = get(page_at, path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/?lang=")


def test_the_right_password_sets_a_cookie_no_script_can_read(page_at):
    answer = sign_in(page_at, **RIGHT)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?lang=vi"
    cookie = SimpleCookie(answer.headers["set-cookie"])[page_at.cookie]
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    assert cookie["path"] == "/"
    assert cookie.value in page_at.tier.tokens


def test_the_tier_learns_who_really_asks(page_at):
    sign_in(page_at, **RIGHT)
    assert page_at.tier.sign_ins == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("vi", "Tên đăng nhập hoặc mật khẩu không đúng."),
        ("en", "The user name or the password is wrong."),
    ],
)
def test_a_wrong_password_is_told_in_words(page_at, lang, words):
    answer = sign_in(page_at, lang=lang, username="admin", password="sai-mật-khẩu")
    assert answer.status_code == 401
    assert words in answer.text
    assert 'value="admin"' in answer.text
    assert "sai-mật-khẩu" not in answer.text
    assert "set-cookie" not in answer.headers


def test_too_many_attempts_are_told_how_long_to_wait(page_at):
    page_at.tier.throttled = True
    answer = sign_in(page_at, **RIGHT)
    assert answer.status_code == 429
    assert "Hãy đợi 42 giây rồi thử lại." in answer.text
    assert answer.headers["retry-after"] == "42"


def test_a_tier_that_is_away_is_told_apart_from_a_wrong_password(page_at):
    page_at.tier.down = True
    answer = sign_in(page_at, **RIGHT)
    assert answer.status_code == 503
    assert "Chưa kết nối được với máy chủ dữ liệu." in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_of_another_site_signs_nobody_in(page_at, headers):
    answer = sign_in(page_at, headers=headers, **RIGHT)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert not page_at.tier.sign_ins


def test_a_huge_form_is_refused(page_at):
    assert sign_in(page_at, username="a" * 20_000, password="b").status_code == 413


def test_an_empty_form_is_refused_without_asking_the_tier(page_at):
    assert sign_in(page_at, username="admin", password="").status_code == 400
    assert not page_at.tier.sign_ins


def test_signing_out_ends_the_session_at_the_tier(page_at):
    answer = sign_in(page_at, **RIGHT)
    token = SimpleCookie(answer.headers["set-cookie"])[page_at.cookie].value
    assert token in page_at.tier.tokens
    left = httpx.post(
        f"{page_at.url}/dang-xuat",
        headers=FROM_HERE | {"Cookie": f"{page_at.cookie}={token}"},
        trust_env=False,
    )
    assert left.status_code == 303
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert token not in page_at.tier.tokens


def test_neither_password_nor_token_is_logged(page_at):
    token = SimpleCookie(sign_in(page_at, **RIGHT).headers["set-cookie"])
    sign_in(page_at, username="admin", password="sai-mật-khẩu")
    written = page_at.log.read_text(encoding="utf-8")
    assert "sign_in_failed" in written
    for secret in (PASSWORD, "sai-mật-khẩu", token[page_at.cookie].value):
        assert secret not in written


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/upload_file/a/b"],
)
def test_what_needs_no_log_in_is_not_answered(page_at, path):
    assert get(page_at, path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/dang-nhap", "/ioc/style.css", "/livez"])
def test_every_answer_forbids_other_origins(page_at, path):
    policy = get(page_at, path).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_a_connection_from_another_site_is_refused(page_at):
    answer = get(
        page_at,
        "/_stcore/stream",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Origin": "http://elsewhere.example",
        },
    )
    assert answer.status_code == 403


def test_readiness_is_that_of_the_tier(page_at):
    assert get(page_at, "/readyz").status_code == 200
    page_at.tier.down = True
    assert get(page_at, "/readyz").status_code == 503
    assert get(page_at, "/livez").status_code == 200


def command(page: Served, tmp_path, *arguments: str):
    config = tmp_path / "page.toml"
    write_config(config, page.tier, int(page.url.rsplit(":", 1)[1]))
    return subprocess.run(
        program(*arguments, "--config", str(config), "--json"),
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_status_and_doctor_find_a_running_page_well(page_at, tmp_path):
    status = command(page_at, tmp_path, "status")
    assert json.loads(status.stdout)["ready"] is True
    doctor = command(page_at, tmp_path, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert {finding["name"] for finding in json.loads(doctor.stdout)} >= {
        "configuration",
        "tier",
        "page",
    }


def test_the_configuration_tells_its_sources(page_at, tmp_path):
    shown = command(page_at, tmp_path, "config", "show", "--sources")
    rows = {row["name"]: row for row in json.loads(shown.stdout)}
    assert rows["tier.level"]["value"] == "province"
    assert rows["tier.level"]["source"].endswith("page.toml")
    assert rows["host"]["source"] == "default"
    assert all(row["meaning"] for row in rows.values())
