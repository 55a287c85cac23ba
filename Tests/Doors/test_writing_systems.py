"""Models of characters that look alike, and of clusters of several: by the interface, and on the page."""

import json
import signal
import subprocess
import urllib.request

import pytest

from conftest import BUILT, Server, train
from writing import put_cursor, text, until

TONOS, OXIA = "\u03ac", "\u1f71"
FAMILY = "👨\u200d👩\u200d👧"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """
    One model of two letters that are canonically equivalent, one of clusters, one of a script that runs to the left and
    has joiners, one of bytes, of which nothing is a character by itself.
    """
    folder = tmp_path_factory.mktemp("systems")
    path, greek, clusters, persian, chinese = (
        folder / name for name in ("store.sqlite", "greek.txt", "clusters.txt", "persian.txt", "chinese.txt"))
    greek.write_text((TONOS + OXIA + "β" + OXIA + TONOS + "\n") * 900)
    clusters.write_text("ok 🏳️\u200d🌈 e\u0301\n" * 900)
    train(path, "greek", "--stack", "gru:16", "--steps", "30", corpus=greek)
    train(path, "clusters", "--stack", "gru:16", "--steps", "30", "--unit", "grapheme", corpus=clusters)
    persian.write_text("می\u200cروم ۱۲" * 900)
    chinese.write_text("玄之又玄" * 900)
    train(path, "فارسی 12", "--stack", "gru:16", "--steps", "30", corpus=persian)
    train(path, "bytes", "--stack", "gru:16", "--steps", "30", "--unit", "byte", corpus=chinese)
    server = Server(path)
    yield server
    server.kill(signal.SIGTERM)


def ask(server, path, **fields):
    request = urllib.request.Request(
        server.url + path, json.dumps(fields).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_units_that_are_canonically_equivalent_have_probabilities_of_their_own(server):
    answer = ask(server, "/v1/completions", model="greek", prompt=TONOS, max_tokens=60, seed=1, logprobs=4, temperature=2)
    found = answer["choices"][0]["logprobs"]
    assert {TONOS, OXIA} <= set(found["tokens"])
    for token, own, beside in zip(found["tokens"], found["token_logprobs"], found["top_logprobs"]):
        assert beside[token] == own and {TONOS, OXIA} <= set(beside)
    # What stands at a place does not depend on which unit was chosen there.
    whole = answer["choices"][0]["text"]
    scored = ask(server, "/v1/completions", model="greek", prompt=TONOS + whole, max_tokens=0, echo=True, logprobs=4)
    for before, after in zip(found["top_logprobs"], scored["choices"][0]["logprobs"]["top_logprobs"][1:]):
        assert all(abs(before[unit] - after[unit]) < 1e-4 for unit in (TONOS, OXIA))


def test_a_bias_that_json_cannot_tell_from_another_is_said(server):
    fields = dict(model="greek", prompt="β", max_tokens=40, seed=1)
    answer = ask(server, "/v1/completions", logit_bias={OXIA: -100, TONOS: -100}, **fields)
    assert answer["warnings"][0].startswith("logit_bias: ") and "one of them only" in answer["warnings"][0]
    assert "warnings" not in ask(server, "/v1/completions", logit_bias={"β": -100}, **fields)


def test_a_stop_that_never_comes_is_said(server):
    fields = dict(model="greek", prompt="β", max_tokens=40, seed=1)
    answer = ask(server, "/v1/completions", stop=["α\u0301"], **fields)
    assert answer["warnings"] == ["stop: no text of this model ends there, as it never writes U+0301, \"α\""]
    assert "warnings" not in ask(server, "/v1/completions", stop=[OXIA], **fields)


def test_offsets_are_those_of_the_text_after_clusters_that_the_model_does_not_know(server):
    prompt = FAMILY + " ok " + FAMILY + "e\u0301 ok\n"
    answer = ask(server, "/v1/completions", model="clusters", prompt=prompt, max_tokens=20, seed=2, echo=True, logprobs=0)
    choice = answer["choices"][0]
    tokens, offsets = choice["logprobs"]["tokens"], choice["logprobs"]["text_offset"]
    assert choice["text"].startswith(prompt) and offsets[:3] == [0, 5, 6]
    for token, start in zip(tokens, offsets):
        assert token == "\ufffd" or choice["text"][start:].startswith(token)
    assert choice["text"][offsets[1]] == " " and tokens.count("\ufffd") >= 2


# MARK: On the page

@pytest.fixture
def page(window, server):
    page = window(server.url)
    until(page, "document.getElementById('model').options.length > 0")
    return page


def offered(page, place):
    """What could stand at a place, as the list of alternatives shows it."""
    put_cursor(page, place)
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector("#alternatives:not([hidden])")
    return page.locator("#alternatives-list code").all_inner_texts()


@pytest.mark.parametrize("cluster", [FAMILY, "e\u0301", "x\u0345\u0301"], ids=["family", "accent", "two marks"])
def test_an_alternative_takes_the_place_of_a_whole_cluster(page, cluster):
    page.select_option("#model", "clusters")
    page.fill("#text", f"ok {cluster} ok")
    others = offered(page, 3)
    assert page.locator("#alternatives-title code").inner_text() == cluster
    other = next(index for index, one in enumerate(others) if one in ("o", "k"))
    page.locator("#alternatives-list button").nth(other).click(modifiers=["Shift"])
    assert text(page) == f"ok {others[other]} ok"


def test_units_that_cannot_be_seen_are_named_by_their_numbers(page):
    page.select_option("#model", "فارسی 12")
    page.fill("#text", "می\u200cروم")
    others = offered(page, 2)
    assert page.locator("#alternatives-title code").inner_text() == "U+200C"
    assert {"U+200C", "ر", "م", "␣"} <= set(others)
    # Nor is the sign offered that stands for what the model does not know: it never writes it.
    assert "\ufffd" not in others


def test_a_model_of_bytes_says_why_it_offers_no_character(page):
    page.select_option("#model", "bytes")
    page.fill("#text", "玄之又玄")
    assert offered(page, 2) == []
    assert page.inner_text("#alternatives-title").startswith("又")
    assert "instead" not in page.inner_text("#alternatives-title")
    assert "none of those that are likely here is a character by itself" in page.inner_text("#alternatives-hint")
    page.keyboard.press("Escape")
    assert page.locator("#alternatives").is_hidden() and page.evaluate("document.activeElement.id") == "text"


def test_lines_of_a_script_that_runs_to_the_left_do_so_in_both_layers(page):
    lines = ["سلام world, می\u200cروم 12.", "plain, then سلام", "", "12 سلام!"]
    page.fill("#text", "\n".join(lines))
    # Of each character, where its box lies in the colored layer, and which one the textarea has at that place.
    found = page.evaluate("""() => {
      const area = document.getElementById('text'), node = document.getElementById('text-layer').firstChild;
      const { left, right } = area.getBoundingClientRect();
      return [...area.value].map((character, index) => {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + 1);
        const box = range.getBoundingClientRect(), place = (share) => box.left + share * box.width;
        const at = (x) => document.caretPositionFromPoint(x, box.top + box.height / 2).offset;
        return { character, width: box.width, fromLeft: box.left - left, fromRight: right - box.right, near: [at(place(0.2)), at(place(0.8))] };
      });
    }""")
    for index, one in enumerate(found):
        if one["character"] not in "\n\u200c" and one["width"] > 0:
            # At the ends of what runs one way within the other, two offsets are at one place.
            assert {index, index + 1} & set(one["near"]), (index, one)
    starts = [sum(len(line) + 1 for line in lines[:row]) for row in (0, 1, 3)]
    assert found[starts[0]]["fromRight"] < 40 and found[starts[1]]["fromLeft"] < 40
    # A number says nothing of the direction: the first letter does.
    assert found[starts[2]]["fromRight"] < 40


def test_names_take_no_numbers_along(page):
    label = page.locator("#model option", has_text="فارسی 12").inner_text()
    assert label.startswith("\u2068فارسی 12\u2069, ")
    page.fill("#title", "سلام 12")
    assert page.evaluate("getComputedStyle(document.getElementById('title')).direction") == "rtl"


def test_pages_of_runs_have_them_alike(window, server, tmp_path):
    name, path = "فارسی 12", tmp_path / "report.html"
    subprocess.run([BUILT / "charnn", "report", name, "--store", server.store, "-o", path], check=True)
    page = window(path.as_uri())
    assert page.inner_text("h1") == name
    styles = page.locator("h1, td, pre").evaluate_all("all => all.map((one) => getComputedStyle(one).unicodeBidi)")
    assert set(styles) == {"plaintext"}
