"""The tab to write with, in a real browser on the real server."""

import json
import math
import subprocess
import urllib.request

import pytest

from writing import color_of, colors, generate, layer_agrees, put_cursor, saved, sent, set_number, text, until, written

START = "HESTER:\nThe loom "


@pytest.fixture
def page(window, server):
    page = window(server.url)
    until(page, "document.getElementById('model').options.length > 0")
    page.select_option("#model", "second")
    return page


def told(server, model, whole, alternatives=5):
    """What the model holds of each character of a text, by the interface for programs: `[(character, share, {other: share})]`."""
    asked = {"model": model, "prompt": whole, "max_tokens": 0, "echo": True, "logprobs": alternatives}
    request = urllib.request.Request(server.url + "/v1/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"})
    logprobs = json.load(urllib.request.urlopen(request))["choices"][0]["logprobs"]
    share = lambda value: 0 if value is None else math.exp(value)
    return [(unit, share(value), {other: share(its) for other, its in (top or {}).items()})
            for unit, value, top in zip(logprobs["tokens"], logprobs["token_logprobs"], logprobs["top_logprobs"])]


# MARK: Asking

def test_every_setting_is_sent_and_slider_and_field_follow_each_other(page):
    page.fill("#text", START)
    values = {"temperature": 0.6, "top_k": 12, "top_p": 0.9, "min_p": 0.02, "repetition_penalty": 1.1, "max_tokens": 20, "n": 2}
    for name, value in values.items():
        set_number(page, name, value)
        slider = page.locator(f".setting:has(#{name}) input[type=range]")
        assert float(slider.input_value()) == pytest.approx(value, abs=0.026 if name != "max_tokens" else 5)
        slider.press("ArrowRight")
        moved = float(slider.input_value())
        assert float(page.input_value(f"#{name}")) == moved and moved > value - 0.03
        set_number(page, name, value)
    page.fill("#seed", "41")
    page.fill("#stop-texts", "DAVY\n\\n\\n\\\\")
    page.select_option("#model", "first")
    body = sent(page, lambda: page.click("#generate"))
    assert {name: body[name] for name in values} == values
    assert (body["model"], body["seed"], body["stop"], body["prompt"]) == ("first", 41, ["DAVY", "\n\n\\"], START)
    assert body["stream"] is True and body["logprobs"] > 4
    written(page)


def test_what_is_off_is_not_sent_and_a_wrong_number_is_pointed_at(page):
    page.fill("#text", START)
    set_number(page, "max_tokens", 5)
    body = sent(page, lambda: page.click("#generate"))
    assert not {"top_k", "top_p", "min_p", "repetition_penalty", "n", "seed", "stop"} & body.keys()
    written(page)
    before = text(page)
    set_number(page, "top_p", 3)
    page.click("#generate")
    assert page.evaluate("document.activeElement.id") == "top_p" and text(page) == before
    assert page.locator("#top_p:invalid").count() == 1


def test_same_seed_writes_the_same_and_the_seed_that_was_used_can_be_kept(page):
    page.fill("#text", START)
    set_number(page, "max_tokens", 40)
    page.click("#generate")
    written(page)
    first = text(page)
    page.click("#keep-seed")
    assert page.input_value("#seed") in page.inner_text("#write-status")
    page.click("#undo")
    assert text(page) == START
    page.click("#generate")
    written(page)
    assert text(page) == first and len(first) == len(START) + 40


def test_model_goes_on_from_the_cursor_and_what_stands_after_it_stays(page):
    page.fill("#text", "HESTER:\n and the rest.")
    put_cursor(page, 8)
    whole = generate(page, 30)
    assert whole.startswith("HESTER:\n") and whole.endswith(" and the rest.") and len(whole) == 22 + 30
    assert page.evaluate("document.getElementById('text').selectionStart") == 38


def test_text_ends_exactly_before_a_stop(page, server):
    page.fill("#text", START)
    page.fill("#stop-texts", "\\n\nzzz")
    asked = {"model": "second", "prompt": START, "max_tokens": 300, "temperature": 0.8, "seed": 7, "stop": ["\n", "zzz"]}
    request = urllib.request.Request(server.url + "/v1/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"})
    answer = json.load(urllib.request.urlopen(request))["choices"][0]
    whole = generate(page, 300)
    assert answer["finish_reason"] == "stop" and whole == START + answer["text"] and "\n" not in answer["text"]


def test_what_is_selected_is_written_anew(page):
    page.fill("#text", "HESTER:\nthis goes and this stays")
    put_cursor(page, 8, 17)
    body = sent(page, lambda: page.press("#text", "Shift+Enter"))
    written(page)
    assert body["prompt"] == "HESTER:\n" and "this goes" not in text(page) and text(page).endswith(" and this stays")


# MARK: Colors and alternatives

def test_each_character_has_the_color_of_its_probability_by_the_interface(page, server):
    page.fill("#text", START)
    whole = generate(page, 200, temperature=1.2)
    model = page.input_value("#model")
    units, found = told(server, model, whole), colors(page)
    assert "".join(unit for unit, _, _ in units) == whole
    assert found[:len(START)] == ["plain"] * len(START)
    near = lambda p: any(abs(p / limit - 1) < 5e-3 for limit in (0.5, 0.2, 0.05, 0.01))
    wrong = [(index, units[index]) for index in range(len(START), len(whole))
             if not near(units[index][1]) and found[index] != color_of(units[index][1])]
    assert wrong == [] and len(set(found)) == 5


def of_bytes(server, temperature, count=1):
    """What the model of bytes goes on with, by the interface for programs."""
    asked = {"model": "bytes", "prompt": "Thé ", "max_tokens": 400, "temperature": temperature, "seed": 7, "logprobs": 1, "n": count}
    request = urllib.request.Request(server.url + "/v1/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))["choices"]


def characters_of_bytes(logprobs):
    """Characters, and how probable the bytes of each are together; U+FFFD for bytes that cannot be one."""
    found, waiting, share = [], b"", 1
    for token, logarithm in zip(logprobs["tokens"], logprobs["token_logprobs"]):
        byte = bytes.fromhex(token[8:]) if token.startswith("bytes:") else token.encode()
        if waiting and len((waiting + byte).decode(errors="replace")) > 1:
            found.append(("\ufffd", share))
            waiting, share = b"", 1
        waiting, share = waiting + byte, share * math.exp(logarithm)
        try:
            character = waiting.decode()
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                continue
            character = "\ufffd"
        found.append((character, share))
        waiting, share = b"", 1
    return found + ([("\ufffd", share)] if waiting else [])


@pytest.mark.parametrize("temperature", [0.9, 1.6])
def test_characters_of_several_bytes_come_whole_and_are_as_probable_as_their_bytes_together(page, server, temperature):
    page.select_option("#model", "bytes")
    page.fill("#text", "Thé ")
    whole = generate(page, 400, temperature=temperature)
    answer = of_bytes(server, temperature)[0]
    assert whole == "Thé " + answer["text"].replace("\r", "") and "é" in whole[4:] and "😀" in whole
    assert ("\ufffd" in whole) == (temperature > 1)
    characters = [one for one in characters_of_bytes(answer["logprobs"]) if one[0] != "\r"]
    assert "".join(character for character, _ in characters) == whole[4:]
    assert colors(page)[4:] == [
        color_of(share) for character, share in characters for _ in range(len(character.encode("utf-16-le")) // 2)]


def test_continuations_say_how_probable_each_of_their_units_is(page, server):
    page.select_option("#model", "bytes")
    page.fill("#text", "Thé ")
    generate(page, 400, temperature=1.6, n=2)
    for answer, said in zip(of_bytes(server, 1.6, count=2), page.locator("#continuations-list small").all_inner_texts()):
        logarithms = answer["logprobs"]["token_logprobs"]
        mean = 100 * math.exp(sum(logarithms) / len(logarithms))
        assert said == f"{len(answer['text'])} characters, {mean:.{1 if mean < 10 else 0}f} % for each unit"


def test_pointing_shows_what_else_it_could_have_been_and_a_click_goes_on_from_there(page, server):
    page.fill("#text", START)
    whole = generate(page, 80, temperature=1.0)
    place = next(index for index in range(len(START) + 10, len(whole)) if whole[index] not in " \n")
    point_at(page, place)
    page.wait_for_selector("#alternatives:not([hidden])")
    _, _, others = told(server, page.input_value("#model"), whole)[place]
    shares = page.locator("#alternatives-list button").all_inner_texts()
    listed = {sign: float(share.lstrip("< ").rstrip(" %")) / 100 for sign, share in (line.split("\n", 1) for line in shares)}
    for expected, share in others.items():
        assert listed[expected.replace(" ", "␣").replace("\n", "↵")] == pytest.approx(share, abs=0.01), (expected, listed)
    other = next(index for index, line in enumerate(shares) if not line.startswith(whole[place]) and line[0] not in "␣↵")
    body = sent(page, lambda: page.locator("#alternatives-list button").nth(other).click())
    written(page)
    assert body["prompt"] == whole[:place] + shares[other][0]
    assert text(page).startswith(body["prompt"]) and len(text(page)) == place + 1 + 80
    page.click("#undo")
    page.click("#undo")
    assert text(page) == whole


def test_alternatives_by_keyboard_take_without_going_on_and_escape_changes_nothing(page):
    page.fill("#text", START)
    whole = generate(page, 30)
    put_cursor(page, len(START) + 4)
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector("#alternatives:not([hidden])")
    page.keyboard.press("Escape")
    assert page.locator("#alternatives").is_hidden() and page.evaluate("document.activeElement.id") == "text"
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("End")
    chosen = page.evaluate("document.activeElement.querySelector('code').textContent").replace("␣", " ").replace("↵", "\n")
    page.keyboard.press("Shift+Enter")
    place = len(START) + 4
    assert text(page) == whole[:place] + chosen + whole[place + 1:]


def point_at(page, place):
    page.mouse.move(*page.evaluate("""(at) => { const r = document.createRange(), n = document.getElementById('text-layer').firstChild;
      r.setStart(n, at); r.setEnd(n, at + 1); const b = r.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; }""", place))


def test_alternatives_go_with_the_text_that_they_are_of(page):
    page.fill("#text", START)
    whole = generate(page, 30)
    page.focus("#text")
    place = next(index for index in range(len(START) + 5, len(whole)) if whole[index] not in " \n")
    point_at(page, place)
    page.wait_for_selector("#alternatives:not([hidden])")
    page.keyboard.press("Control+z")
    assert text(page) == START and page.locator("#alternatives").is_hidden()
    page.mouse.move(0, 0)
    page.keyboard.press("Control+Shift+z")
    point_at(page, place)
    page.wait_for_selector("#alternatives:not([hidden])")
    page.keyboard.type("x")
    assert page.locator("#alternatives").is_hidden()


def test_alternatives_are_asked_for_where_the_writer_wrote(page, server):
    page.fill("#text", START)
    put_cursor(page, 3)
    page.click("#show-alternatives")
    page.wait_for_selector("#alternatives:not([hidden])")
    _, _, others = told(server, page.input_value("#model"), START)[3]
    expected = max(others, key=others.get)
    assert page.locator("#alternatives-list code").first.inner_text() == expected.replace(" ", "␣").replace("\n", "↵")
    assert page.locator("#alternatives-title code").inner_text() == START[3]


def test_continuations_stand_beside_each_other_and_a_digit_takes_one(page):
    page.fill("#text", "HESTER:\n END")
    put_cursor(page, 8)
    generate(page, 25, n=4)
    cards = page.locator(".continuation").all_text_contents()
    assert len(cards) == 4 and len(set(cards)) == 4 and all(len(card) == 25 for card in cards)
    assert text(page) == "HESTER:\n END"
    page.keyboard.press("3")
    assert text(page) == "HESTER:\n" + cards[2] + " END"
    assert page.locator("#continuations").is_hidden()
    assert any(color != "plain" for color in colors(page)[8:33])
    page.click("#undo")
    assert text(page) == "HESTER:\n END"
    generate(page, 25, n=2)
    page.keyboard.press("Escape")
    assert text(page) == "HESTER:\n END" and page.locator("#continuations").is_hidden()
    generate(page, 25, n=2)
    page.click("text=Take 2")
    assert len(text(page)) == 12 + 25
    generate(page, 25, n=2)
    page.click("#take-none")
    assert len(text(page)) == 12 + 25


def test_no_more_is_asked_for_than_the_server_gives(page):
    page.fill("#text", START)
    page.fill("#stop-texts", "e")
    set_number(page, "n", 8)
    for length, wanted in [(300, 8), (20000, 5), (100000, 0)]:
        set_number(page, "max_tokens", length)
        body = sent(page, lambda: page.click("#generate"))
        written(page)
        assert body["logprobs"] == wanted and page.locator("[role=alert]").count() == 0
        assert page.inner_text("#write-status").startswith("8 continuations")


def test_alternatives_that_failed_are_what_is_tried_again(page):
    page.fill("#text", START)
    put_cursor(page, 3)
    page.route("**/v1/completions", lambda route: route.abort(), times=1)
    page.keyboard.press("Alt+ArrowDown")
    page.click("#write-notices >> text=Try again")
    page.wait_for_selector("#alternatives:not([hidden])")
    assert text(page) == START


def test_continuation_goes_to_the_cursor_where_what_was_selected_is_another_by_now(page):
    page.fill("#text", "HESTER:\nthis goes")
    put_cursor(page, 8, 17)
    generate(page, 25, n=2)
    card = page.locator(".continuation").first.text_content()
    page.fill("#text", "HESTER:\nthis")
    put_cursor(page, 12)
    page.click("text=Take 1")
    assert text(page) == "HESTER:\nthis" + card and layer_agrees(page)


# MARK: Stopping and going back

def test_stop_keeps_what_came_and_the_next_request_is_taken_at_once(page):
    page.select_option("#model", "slow")
    page.fill("#text", START)
    set_number(page, "max_tokens", 100000)
    page.click("#generate")
    until(page, "document.getElementById('text').value.length > 300")
    assert page.locator("#text").get_attribute("readonly") is not None
    page.keyboard.press("Escape")
    written(page)
    length = len(text(page))
    assert 300 < length < 100000 and page.inner_text("#write-status").startswith("Stopped")
    page.wait_for_timeout(300)
    assert len(text(page)) == length
    set_number(page, "max_tokens", 10)
    page.click("#generate")
    written(page)
    assert len(text(page)) == length + 10
    set_number(page, "max_tokens", 100000)
    page.click("#generate")
    until(page, f"document.getElementById('text').value.length > {length + 100}")
    page.click("#stop")
    written(page)
    assert len(text(page)) < length + 100000


def test_undo_and_redo_go_through_what_both_wrote(page):
    page.focus("#text")
    page.keyboard.type("WAT:")
    page.keyboard.press("Enter")
    typed = text(page)
    whole = generate(page, 30)
    shades = colors(page)
    page.focus("#text")
    page.keyboard.type("!")
    page.keyboard.press("Control+z")
    assert text(page) == whole
    page.keyboard.press("Control+z")
    assert text(page) == typed == "WAT:\n"
    page.keyboard.press("Control+Shift+z")
    assert text(page) == whole and colors(page) == shades
    page.click("#undo")
    while not page.locator("#undo").is_disabled():
        page.click("#undo")
    assert text(page) == ""
    while not page.locator("#redo").is_disabled():
        page.click("#redo")
    assert text(page) == whole + "!"
    page.keyboard.press("Control+y")
    assert text(page) == whole + "!"


def test_typing_into_what_the_model_wrote_leaves_the_other_colors_where_they_belong(page):
    page.fill("#text", START)
    whole = generate(page, 60, temperature=1.2)
    before, at = colors(page), len(START) + 20
    put_cursor(page, at, at + 3)
    page.keyboard.type("xyz, and")
    assert text(page) == whole[:at] + "xyz, and" + whole[at + 3:]
    assert colors(page) == before[:at] + ["plain"] * 8 + before[at + 3:]
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert text(page) == whole and colors(page) == before
    # Of two letters that are the same, the one at the cursor is the new one.
    at = next(index for index in range(len(START) + 1, len(whole)) if before[index - 1] != "plain" and whole[index - 1].isalpha())
    put_cursor(page, at)
    page.keyboard.type(whole[at - 1])
    assert colors(page) == before[:at] + ["plain"] + before[at:]


# MARK: The editor

PIECES = ["word", "a", " ", "  ", "\t", "\n", "\n\n", "😀", "👩‍👩‍👧", "e\u0301", "中文", "-", "—", "https://a.b/c?d=e", "long" * 30, "\u00a0",
          "\u00ad", "אב", "عرب", ".", ", ", "(x)", '"q"', "12,345", "fi", "<b>&amp;"]


@pytest.mark.parametrize("width", [360, 1280])
def test_colored_letters_lie_under_those_that_are_edited_whatever_they_are(page, width):
    import random
    chance = random.Random(width)
    page.set_viewport_size({"width": width, "height": 900})
    for _ in range(60):
        whole = "".join(chance.choice(PIECES) + chance.choice(["", " "]) for _ in range(chance.randrange(1, 120)))
        page.fill("#text", whole)
        for _ in range(3):
            put_cursor(page, chance.randrange(len(whole)))
            page.keyboard.press(chance.choice(["Backspace", "Delete", "Enter", "a", "Control+z", "Control+Shift+z", "Control+Backspace"]))
        assert layer_agrees(page), repr(whole)


def test_composed_input_pasting_and_cutting_are_the_browsers_own(page):
    page.focus("#text")
    keyboard = page.context.new_cdp_session(page)
    for part in ["n", "ni", "你"]:
        keyboard.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
        assert text(page) == part and layer_agrees(page)
    keyboard.send("Input.insertText", {"text": "你好"})
    assert text(page) == "你好" and layer_agrees(page)
    page.evaluate("navigator.clipboard.writeText('two\\r\\nlines\\n\\tof 😀')")
    page.keyboard.press("Control+v")
    assert text(page) == "你好two\nlines\n\tof 😀" and layer_agrees(page)
    page.keyboard.press("Backspace")
    assert text(page).endswith("of ") and layer_agrees(page)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    assert text(page) == "" and layer_agrees(page)
    page.keyboard.press("Control+z")
    assert text(page) == "你好two\nlines\n\tof " and layer_agrees(page)


def test_fifty_thousand_characters_are_typed_into_without_waiting(page):
    # Of the model's own writing: every character may have a color of its own.
    page.fill("#text", START)
    set_number(page, "temperature", 1.3)
    set_number(page, "max_tokens", 50000)
    page.click("#generate")
    until(page, "!document.getElementById('generate').disabled", timeout=120000)
    assert len(text(page)) == len(START) + 50000
    put_cursor(page, 25000)
    page.evaluate("""() => { window.frames_ = []; let last = performance.now();
      const next = (now) => { frames_.push(now - last); last = now; requestAnimationFrame(next); }; requestAnimationFrame(next); }""")
    page.keyboard.type("a word in the middle", delay=40)
    slow = sorted(page.evaluate("frames_"))
    print(f"\nfrom key to frame with 50,000 colored characters: median {slow[len(slow) // 2]:.0f} ms, longest {slow[-1]:.0f} ms")
    assert slow[-1] < 400 and layer_agrees(page)
    # Only what can be seen is colored; what is scrolled to is, too.
    put_cursor(page, 0)
    page.keyboard.press("Control+End")
    until(page, "document.getElementById('text-frame').scrollTop > 1000")
    last = colors(page)[-300:]
    assert len(set(last)) == 5 and set(colors(page)[:300]) == {"plain"}


# MARK: Copying

def test_text_is_copied_and_curl_says_the_same_as_the_page(page):
    page.fill("#text", "DAVY:\nIt's a 'quote', \\ and $HOME\n")
    set_number(page, "max_tokens", 30)
    page.fill("#seed", "99")
    page.click("#copy-text")
    assert page.evaluate("navigator.clipboard.readText()") == text(page)
    page.click("#copy-curl")
    page.wait_for_selector("text=The command is copied.")
    command, before = page.evaluate("navigator.clipboard.readText()"), text(page)
    answer = json.loads(subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout)
    page.click("#generate")
    written(page)
    assert text(page) == before + answer["choices"][0]["text"]


# MARK: By keyboard alone, and what anybody can read

def test_whole_flow_by_keyboard(page):
    page.evaluate("document.activeElement.blur()")

    def tab_to(name, back=False):
        for _ in range(40):
            page.keyboard.press("Shift+Tab" if back else "Tab")
            if page.evaluate("document.activeElement.id") == name:
                return
        raise AssertionError(f"#{name} is not reached by Tab")

    tab_to("title")
    page.keyboard.type("By keys")
    tab_to("text")
    page.keyboard.type("HESTER:")
    page.keyboard.press("Enter")
    tab_to("temperature")
    page.keyboard.press("Control+a")
    page.keyboard.type("0.5")
    tab_to("max_tokens")
    page.keyboard.press("Control+a")
    page.keyboard.type("40")
    page.keyboard.press("Control+Enter")
    written(page)
    assert len(text(page)) == 8 + 40
    tab_to("text", back=True)
    page.keyboard.press("Control+Home")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector("#alternatives:not([hidden])")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("[...document.querySelectorAll('#alternatives-list button')].indexOf(document.activeElement)") == 1
    page.keyboard.press("Enter")
    written(page)
    assert len(text(page)) == 12 + 1 + 40
    saved(page)
    tab_to("open-texts", back=True)
    page.keyboard.press("Enter")
    page.wait_for_selector("#texts-dialog[open] >> text=By keys")
    page.keyboard.press("Escape")
    assert page.locator("#texts-dialog").is_hidden()
    tab_to("tab-write", back=True)
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#runs:not([hidden])")


def test_nothing_that_was_written_is_taken_for_markup(page):
    page.fill("#title", "<img src=x onerror=alert(1)>")
    page.fill("#text", "<script>alert(2)</script><b>bold</b>")
    saved(page)
    page.click("#open-texts")
    page.wait_for_selector("#texts-dialog[open] >> text=<img src=x onerror=alert(1)>")
    assert page.locator("#texts-dialog img, #text-layer b, #text-layer script").count() == 0
