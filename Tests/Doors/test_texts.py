"""Texts that the store keeps, and bad weather: servers that stop, keys that are wrong, models that are gone."""

import json
import signal
import urllib.request

import pytest

from writing import colors, generate, saved, set_number, text, until, written


@pytest.fixture
def page(window, server):
    page = window(server.url)
    until(page, "document.getElementById('model').options.length > 0")
    page.select_option("#model", "second")
    return page


def titles(page):
    page.click("#open-texts")
    page.wait_for_selector("#texts-dialog[open]")
    found = page.locator("#texts-list strong").all_inner_texts()
    page.click("#close-texts")
    return found


def open_text(page, title):
    page.click("#open-texts")
    page.locator("#texts-list .row", has_text=title).first.click()
    page.wait_for_selector("#texts-dialog", state="hidden")


def test_text_is_saved_by_itself_and_opened_as_it_was(page, window):
    page.fill("#title", "A play")
    page.fill("#text", "HESTER:\n")
    set_number(page, "temperature", 1.1)
    whole, shades = generate(page, 80), colors(page)
    saved(page)
    assert "#write/" in page.url
    again = window(page.url)
    until(again, "document.getElementById('text').value !== ''")
    assert text(again) == whole and again.input_value("#title") == "A play"
    assert again.input_value("#temperature") == "1.1" and colors(again) == shades


def test_texts_are_listed_opened_renamed_and_begun(page):
    page.fill("#text", "The first line names it\nand this does not")
    saved(page)
    page.click("#new-text")
    assert text(page) == ""
    page.fill("#title", "Another")
    page.fill("#text", "of its own")
    saved(page)
    found = titles(page)
    assert found[:2] == ["Another", "The first line names it"]
    open_text(page, "The first line names it")
    assert text(page).endswith("and this does not")
    page.fill("#title", "Renamed")
    saved(page)
    assert "Renamed" in titles(page)


def test_deleted_text_comes_back_by_undo(page):
    page.fill("#title", "To be deleted")
    page.fill("#text", "Here today")
    saved(page)
    page.click("#open-texts")
    page.click("[aria-label='Delete To be deleted']")
    page.wait_for_selector("text='To be deleted' is deleted.")
    assert text(page) == "" and "To be deleted" not in titles(page)
    page.click("#write-notices >> text=Undo")
    page.wait_for_selector("text='To be deleted' is back.")
    assert text(page) == "Here today" and "To be deleted" in titles(page)


def test_deleted_text_that_could_not_be_saved_is_gone(page):
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#title", "Refused and deleted")
    page.fill("#text", "Here today")
    saved(page)
    page.route("**/v1/texts/*", lambda route: route.fulfill(status=413, json={}) if route.request.method == "PUT" else route.fallback())
    page.fill("#text", "Too long")
    page.wait_for_selector("text=Not saved:")
    page.click("#open-texts")
    page.click("[aria-label='Delete Refused and deleted']")
    page.wait_for_selector("text='Refused and deleted' is deleted.")
    assert page.get_by_text("Not saved:").count() == 0
    page.reload()
    until(page, "document.getElementById('model').options.length > 0")
    assert text(page) == "" and "Refused and deleted" not in titles(page)


# MARK: Leaving a text that is written or typed into

def begin_writing(page, title):
    """A text into which the model writes, and will for long."""
    page.select_option("#model", "slow")
    page.fill("#title", title)
    page.fill("#text", "HESTER:\n")
    saved(page)
    set_number(page, "max_tokens", 100000)
    page.click("#generate")
    until(page, "document.getElementById('text').value.length > 100")


def stored(server, identifier):
    return json.loads(server.get(f"/v1/texts/{identifier}"))


def test_text_is_deleted_while_the_model_writes_it(page, server):
    kept = lambda: {one["id"] for one in json.loads(server.get("/v1/texts"))["texts"]}
    before = kept()
    begin_writing(page, "Deleted while written")
    page.click("#open-texts")
    page.click("[aria-label='Delete Deleted while written']")
    page.wait_for_selector("text='Deleted while written' is deleted.")
    written(page)
    # What had been on its way neither comes into the empty text nor is kept as another.
    page.wait_for_timeout(1500)
    assert text(page) == "" and page.input_value("#title") == "" and page.url.endswith("#write")
    assert kept() == before
    page.click("#write-notices >> text=Undo")
    page.wait_for_selector("text='Deleted while written' is back.")
    assert text(page).startswith("HESTER:\n") and len(text(page)) > 100


def test_text_is_left_while_the_model_writes_it_and_all_of_it_is_kept(page, server):
    for turn in range(5):
        begin_writing(page, f"Left while written {turn}")
        identifier = page.url.rsplit("/", 1)[1]
        page.click("#new-text")
        until(page, "document.getElementById('text').value === ''")
        assert page.locator("#generate").is_enabled() and page.url.endswith("#write")
        assert len(stored(server, identifier)["text"]) > 100
    begin_writing(page, "Left for another")
    identifier = page.url.rsplit("/", 1)[1]
    open_text(page, "Left while written 0")
    assert page.input_value("#title") == "Left while written 0"
    assert len(stored(server, identifier)["text"]) > 100


def test_what_is_typed_while_another_text_is_on_its_way_is_kept(page, server):
    page.fill("#title", "The other")
    page.fill("#text", "The other.")
    saved(page)
    other = page.url.rsplit("/", 1)[1]
    page.click("#new-text")
    page.fill("#text", "The first")
    saved(page)
    first, waiting = page.url.rsplit("/", 1)[1], []
    page.route(f"**/v1/texts/{other}", lambda route: waiting.append(route))
    page.evaluate("(id) => { location.hash = `#write/${id}`; }", other)
    while not waiting:
        page.wait_for_timeout(20)
    page.focus("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type(", and more.")
    waiting[0].continue_()
    until(page, "document.getElementById('text').value === 'The other.'")
    assert stored(server, first)["text"] == "The first, and more." and stored(server, other)["text"] == "The other."


# MARK: What others stored

def test_marks_that_are_none_are_left_out(page, server):
    settings = {"marks": [1, None, "abc", [], [0, "V", 1], [1, 2, 3], [2, "V", 0], {"start": 0}]}
    body = json.dumps({"title": "Marked", "text": "By a program", "settings": settings}).encode()
    request = urllib.request.Request(server.url + "/v1/texts", body, {"Content-Type": "application/json"})
    identifier = json.load(urllib.request.urlopen(request))["id"]
    page.fill("#text", "What stood there")
    saved(page)
    page.evaluate("(id) => { location.hash = `#write/${id}`; }", identifier)
    until(page, "document.getElementById('text').value === 'By a program'")
    assert colors(page) == ["share-red"] + ["plain"] * 11 and page.url.endswith(f"#write/{identifier}")


def test_text_that_cannot_be_shown_leaves_the_open_one_what_it_was(page, server):
    page.fill("#title", "The other")
    page.fill("#text", "The other.")
    saved(page)
    other = page.url.rsplit("/", 1)[1]
    page.click("#new-text")
    page.fill("#text", "The first")
    saved(page)
    first = page.url.rsplit("/", 1)[1]
    broken = {**stored(server, other), "text": None}
    page.route(f"**/v1/texts/{other}", lambda route: route.fulfill(json=broken), times=1)
    page.evaluate("(id) => { location.hash = `#write/${id}`; }", other)
    page.wait_for_selector("#write-notices [role=alert]")
    assert page.url.endswith(f"#write/{first}")
    page.fill("#text", "The first, and more.")
    until(page, "document.getElementById('saved').textContent.startsWith('Not')")
    saved(page)
    assert stored(server, first)["text"] == "The first, and more." and stored(server, other)["text"] == "The other."


def test_all_texts_are_exported_as_json(page):
    page.fill("#title", "For export")
    page.fill("#text", "é 😀\n\t\"quoted\"")
    saved(page)
    page.click("#open-texts")
    with page.expect_download() as download:
        page.click("#export-texts")
    assert download.value.suggested_filename.endswith(".json")
    exported = json.load(open(download.value.path(), encoding="utf-8"))
    assert any(one["title"] == "For export" and one["text"] == "é 😀\n\t\"quoted\"" for one in exported["texts"])


def test_two_windows_that_save_the_same_text_keep_both_versions(page, window):
    page.fill("#title", "Shared")
    page.fill("#text", "The beginning.")
    saved(page)
    other = window(page.url)
    until(other, "document.getElementById('text').value !== ''")
    page.fill("#text", "The beginning. One went on.")
    saved(page)
    other.fill("#text", "The beginning. The other did too.")
    other.wait_for_selector("[role=alert] >> text=Another window saved this text")
    saved(other)
    assert other.input_value("#title") == "Shared (second version)" and text(other).endswith("did too.")
    found = titles(other)
    assert "Shared" in found and "Shared (second version)" in found
    other.click("text=Open the other")
    until(other, "document.getElementById('text').value.endsWith('One went on.')")


def test_text_that_another_window_deleted_is_kept_as_a_new_one(page, window):
    page.fill("#title", "Deleted elsewhere")
    page.fill("#text", "Still here.")
    saved(page)
    other = window(page.url)
    until(other, "document.getElementById('text').value !== ''")
    page.click("#open-texts")
    page.click("[aria-label='Delete Deleted elsewhere']")
    page.wait_for_selector("text=is deleted.")
    other.fill("#text", "Still here, and more.")
    other.wait_for_selector("text=Another window deleted this text.")
    saved(other)
    assert "Deleted elsewhere" in titles(other)


def test_leaving_with_unsaved_text_warns(own_server, window):
    server = own_server()
    page = window(server.url)
    until(page, "document.getElementById('model').options.length > 0")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.fill("#text", "Kept")
    saved(page)
    page.reload()
    assert asked == []
    until(page, "document.getElementById('text').value === 'Kept'")
    server.kill()
    page.fill("#text", "Not kept yet")
    page.wait_for_selector("text=Not saved: The server does not answer.")
    page.close(run_before_unload=True)
    for _ in range(50):
        if asked:
            break
        try:
            page.wait_for_timeout(100)
        except Exception:
            break
    assert asked == ["beforeunload"]


def test_server_that_is_killed_takes_nothing_with_it(own_server, window):
    server = own_server()
    page = window(server.url)
    until(page, "document.getElementById('model').options.length > 0")
    page.fill("#text", "HESTER:\n")
    saved(page)
    set_number(page, "max_tokens", 100000)
    page.click("#generate")
    until(page, "document.getElementById('text').value.length > 200")
    server.kill()
    page.wait_for_selector("#write-notices [role=alert]")
    written(page)
    whole = text(page)
    assert len(whole) > 200
    page.wait_for_selector("text=Not saved: The server does not answer.")
    page.click("#generate")
    page.wait_for_selector("#write-notices >> text=Is it still running?")
    assert text(page) == whole
    server.start()
    until(page, "document.getElementById('saved').textContent.startsWith('Saved')", timeout=20000)
    page.wait_for_selector("text=Not saved:", state="detached")
    again = window(page.url)
    until(again, "document.getElementById('text').value !== ''")
    assert text(again) == whole


def lose_an_answer(page, method):
    """The server does what the next request of a kind asks for, and no answer comes."""
    lost = []

    def lose(route):
        if lost or route.request.method != method:
            return route.fallback()
        lost.append(route.fetch())
        route.abort("connectionreset")

    page.route("**/v1/texts**", lose)


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("then", ["waits", "types", "reloads"])
def test_text_whose_answer_was_lost_is_no_other_version(page, server, method, then):
    page.on("dialog", lambda dialog: dialog.accept())
    title = f"{method}, then {then}"
    page.fill("#title", title)
    page.fill("#text", "The beginning.")
    if method == "PUT":
        saved(page)
    lose_an_answer(page, method)
    page.fill("#text", "The beginning, and more.")
    page.wait_for_selector("text=Not saved: The server does not answer.")
    if then == "types":
        page.fill("#text", "The beginning, and more, and the end.")
    if then == "reloads":
        page.reload()
    whole = "The beginning, and more, and the end." if then == "types" else "The beginning, and more."
    until(page, "(whole) => document.getElementById('text').value === whole", arg=whole)
    saved(page)
    assert page.get_by_text("Another window").count() == 0
    assert stored(server, page.url.rsplit("/", 1)[1])["text"] == whole
    assert [one for one in titles(page) if one.startswith(title)] == [title]


def test_server_that_says_nothing_is_given_up_and_the_text_kept_meanwhile(own_server, window):
    server = own_server()
    page = window(server.url)
    until(page, "document.getElementById('model').options.length > 0")
    server.process.send_signal(signal.SIGSTOP)
    page.fill("#text", "Written while nobody answered")
    until(page, "document.getElementById('saved').textContent === 'Saving…'")
    assert "Written while nobody answered" in page.evaluate("sessionStorage.getItem('draft')")
    page.wait_for_selector("text=Not saved: The server does not answer.", timeout=30000)
    server.process.send_signal(signal.SIGCONT)
    saved(page)
    assert page.evaluate("sessionStorage.getItem('draft')") is None
    assert titles(page).count("Written while nobody answered") == 1


def test_what_could_not_be_saved_is_there_after_a_reload(own_server, window):
    server = own_server()
    page = window(server.url)
    page.on("dialog", lambda dialog: dialog.accept())
    until(page, "document.getElementById('model').options.length > 0")
    server.kill()
    page.fill("#text", "Written while nobody listened")
    page.wait_for_selector("text=Not saved:")
    server.start()
    page.reload()
    until(page, "document.getElementById('text').value === 'Written while nobody listened'")
    saved(page)


def test_key_is_asked_once_and_a_wrong_one_is_said(own_server, window):
    server = own_server("--api-key", "open sesame")
    page = window(server.url)
    page.wait_for_selector("#key-dialog[open]")
    page.fill("#key", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#key-wrong:not([hidden])")
    page.fill("#key", "open sesame")
    page.click("text=Use this key")
    until(page, "document.getElementById('model').options.length > 0")
    page.fill("#text", "HESTER:\n")
    assert len(generate(page, 20)) == 28
    saved(page)
    page.click("#copy-curl")
    page.wait_for_selector("text=The command is copied.")
    command = page.evaluate("navigator.clipboard.readText()")
    assert "open sesame" not in command and "$JACQUARD_API_KEY" in command
    page.reload()
    until(page, "document.getElementById('text').value.length === 28")
    assert page.locator("#key-dialog").is_hidden()


def test_key_that_no_header_can_hold_is_a_wrong_one(own_server, window):
    page = window(own_server("--api-key", "open sesame").url)
    page.wait_for_selector("#key-dialog[open]")
    for wrong in ("ключ", "open “sesame”", "😀"):
        page.fill("#key", wrong)
        page.keyboard.press("Enter")
        page.wait_for_selector("#key-wrong:not([hidden])")
        until(page, "document.getElementById('key').value === ''")
    page.fill("#key", "open sesame")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('model').options.length > 0")


def test_without_the_key_the_page_says_so_and_goes_on_once_it_has_it(own_server, window):
    server = own_server("--api-key", "later")
    page = window(server.url)
    page.wait_for_selector("#key-dialog[open]")
    page.keyboard.press("Escape")
    page.fill("#text", "Written without a key")
    page.wait_for_selector("text=It waits for the key; this page keeps the text.")
    page.click("#key-missing")
    page.fill("#key", "later")
    page.keyboard.press("Enter")
    saved(page)
    until(page, "document.getElementById('model').options.length > 0")
    assert page.locator("#key-missing").is_hidden()


def test_model_that_is_gone_is_said_where_one_chooses_it(page):
    page.fill("#text", "HESTER:\n")
    page.select_option("#model", "first")
    saved(page)
    # What the store would answer had the run been removed meanwhile.
    page.evaluate("document.getElementById('model').append(new Option('gone', 'gone', true, true))")
    page.click("#generate")
    page.wait_for_selector("[role=alert] >> text=The model 'gone' is not in the store")
    page.wait_for_selector("#model-gone:not([hidden])")
    assert "\u2068gone\u2069 (not in the store)" in page.inner_text("#model") and text(page) == "HESTER:\n"
    page.click("text=Choose another")
    assert page.evaluate("document.activeElement.id") == "model"
    page.select_option("#model", "second")
    assert len(generate(page, 10)) == 18
