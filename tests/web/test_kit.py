"""The kit as a browser gets it: both languages, safe headers, kept answers, small pages."""

import gzip
import re

import pytest
from fastapi.testclient import TestClient
from jinja2 import UndefinedError

from shared.web.headers import STATIC
from shared.web.languages import Language
from shared.web.languages.upkeep import catalogue
from shared.web.render import environment

from .conftest import TEXT

ZH, EN = {"accept-language": "zh-CN"}, {"accept-language": "en"}
FIRST_VIEW_LIMIT = 60 * 1024


def test_a_page_names_its_language_and_is_not_stored(browser):
    page = browser.get("/demo", headers=EN)
    assert page.headers["content-language"] == "en"
    assert page.headers["cache-control"] == "no-store"
    assert '<html lang="en"' in page.text


def test_a_chinese_page_holds_no_english_sentence(browser):
    text = browser.get("/demo?filled=true", headers=ZH).text
    english = [m.id for m in catalogue(Language.ZH) if m.id and len(m.id) > 7 and f">{m.id}<" in text]
    assert english == []


def test_foreign_text_is_marked_on_english_pages_only(browser):
    assert '<span lang="zh-Hans">青石镇人民政府</span>' in browser.get("/demo", headers=EN).text
    assert '<span lang="zh-Hans">青石镇人民政府</span>' not in browser.get("/demo", headers=ZH).text


def test_the_language_link_keeps_the_page_and_then_the_choice(browser):
    page = browser.get("/demo?filled=true&language=zh", headers=ZH)
    assert 'href="/demo?filled=true&amp;language=en"' in page.text
    followed = browser.get("/demo?filled=true&language=en", headers=ZH)
    assert followed.headers["set-cookie"].startswith("huiyin_language=en")
    browser.cookies.clear()


def test_links_carry_the_root_path_of_the_node(browser):
    page = TestClient(browser.app, root_path="/n/town-100").get("/n/town-100/demo", headers=ZH).text
    links = re.findall(r'(?:href|action)="(/[^"]*)"', page)
    assert links and all(link.startswith("/n/town-100/") for link in links)
    assert 'aria-current="page"' in page


def test_each_answer_carries_the_safety_headers(browser):
    for path in ("/demo", "/nowhere", "/static/huiyin.css"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_no_page_holds_script_or_style_of_its_own(browser):
    text = browser.get("/demo?filled=true").text
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", text)


def test_static_files_are_kept_for_ever_only_under_their_hash(browser):
    link = re.search(r'href="(/static/huiyin\.css\?v=\w+)"', browser.get("/demo").text)
    assert link and "immutable" in browser.get(link[1]).headers["cache-control"]
    assert browser.get("/static/huiyin.css").headers["cache-control"] == "no-cache"
    assert browser.get("/static/huiyin.css?v=other").headers["cache-control"] == "no-cache"


def test_no_foreign_font_crest_or_brand_is_sent():
    css = "".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.css"))
    assert not re.search(r"GDS Transport|@font-face|crest|GOV\.UK|url\(", css)


def test_the_first_view_stays_below_60_kb(browser):
    page = browser.get("/demo?filled=true").content
    files = [path.read_bytes() for path in STATIC.rglob("*") if path.suffix in (".css", ".svg")]
    assert sum(len(gzip.compress(part)) for part in (page, *files)) < FIRST_VIEW_LIMIT


def test_a_form_that_comes_back_keeps_what_was_typed_and_leads_to_each_error(browser):
    text = browser.get("/demo?filled=true", headers=ZH).text
    assert '<a href="#number">这一项不对</a>' in text and 'id="number"' in text
    assert 'value="12 &lt;x&gt;"' in text
    assert "第一行：井台旁的路灯不亮。\n第二行 &lt;b&gt;no markup&lt;/b&gt;" in text.split("<textarea")[1]
    assert re.search(r'value="call"\s+checked', text) and re.search(r'value="phone"\s+checked', text)
    assert re.search(r'<option value="b"\s+selected', text)
    assert 'value="kept-key"' in text and "secret" not in text
    assert "<title>错误: " in text


def test_a_fresh_form_gets_a_key_of_its_own_each_time(browser):
    keys = {re.search(r'"idempotency_key" value="(.+?)"', browser.get("/demo").text)[1] for _ in "ab"}
    assert len(keys) == 2


def test_every_number_leads_to_its_list_and_names_its_moment(browser):
    text = browser.get("/demo", headers=ZH).text
    assert 'href="/reports?state=zero" title="截至 2026年3月27日 12:05">331' in text


def test_the_four_states_are_four_words_with_four_shapes(browser):
    text = browser.get("/demo", headers=ZH).text
    found = re.findall(r'status__shape" aria-hidden="true">(.)</span>(.+?)</strong>', text)
    assert found == [("■", "已报"), ("○", "零报告"), ("◇", "免报"), ("▲", "未报")]


def test_rare_characters_and_line_breaks_survive(browser):
    text = browser.get("/paper", headers=ZH).text
    assert "𠅤村" in text and TEXT.split("\n")[0] + "\n第二行" in text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 418, 422, 429, 500, 503, 599])
@pytest.mark.parametrize("headers", [ZH, EN])
def test_every_error_says_what_to_do_in_the_readers_language(browser, status, headers):
    page = browser.get(f"/trouble/{status}", headers=headers)
    assert page.status_code == status
    assert len(re.findall(r'<p class="govuk-body">', page.text)) == 2
    assert ("返回首页" in page.text) == (headers is ZH)


def test_an_error_keeps_the_typed_text_and_offers_to_send_it_again(browser):
    sent = {"summary": TEXT, "csrf": "old", "idempotency_key": "the-key", "checked": ["a", "b"]}
    text = browser.post("/trouble/503", data=sent, headers=ZH).text
    assert "井台旁的路灯不亮" in text and 'action="/trouble/503"' in text
    assert 'value="the-key"' in text and 'value="token-of-the-session"' in text
    assert text.count('name="checked"') == 2 and "old" not in text


def test_a_stale_form_is_shown_for_copying_but_not_sent_again(browser):
    text = browser.post("/trouble/409", data={"summary": TEXT}, headers=ZH).text
    assert "井台旁的路灯不亮" in text and "重新提交</button>" not in text


def test_a_password_is_never_echoed(browser):
    text = browser.post("/trouble/429", data={"name": "a", "password": "hunter2"}, headers=ZH).text
    assert "hunter2" not in text and "重新提交</button>" not in text


def test_a_template_that_asks_for_what_nobody_gave_fails_loudly():
    with pytest.raises(UndefinedError):
        environment(Language.ZH).get_template("error.html").render()
