"""The page as a whole: what it takes, whom it serves, how it looks."""

import re
import statistics

import pytest
from axe_playwright_python.sync_playwright import Axe

from writing import generate, put_cursor, set_number, text, until


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everything_is_accessible_in_both_widths_and_colors(window, server, width, scheme):
    page = window(server.url, width=width, scheme=scheme)
    until(page, "document.getElementById('model').options.length > 0")

    def check(place):
        assert violations(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{place} is wider than the window"

    check("the empty page")
    page.fill("#text", "HESTER:\nThe loom ")
    generate(page, 120, temperature=1.2)
    check("a text")
    put_cursor(page, 30)
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector("#alternatives:not([hidden])")
    check("alternatives")
    page.keyboard.press("Escape")
    generate(page, 60, n=3)
    check("continuations")
    page.keyboard.press("Escape")
    page.click("#open-texts")
    page.wait_for_selector("#texts-dialog[open]")
    check("the list of texts")
    page.keyboard.press("Escape")
    page.evaluate("location.hash = '#runs/second'")
    page.wait_for_selector("#run svg")
    check("a run")
    page.evaluate("location.hash = '#runs/second/with/first'")
    page.wait_for_selector("text=What differs")
    page.click("text=The curves in numbers")
    check("two runs")
    page.evaluate("location.hash = '#runs/nobody'")
    page.wait_for_selector("[role=alert]")
    check("a message")


def test_key_dialog_is_accessible(window, own_server):
    page = window(own_server("--api-key", "k").url)
    page.wait_for_selector("#key-dialog[open]")
    assert violations(page) == []


def luminance(color):
    channels = [int(value) / 255 for value in re.findall(r"\d+", color)[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted([luminance(a), luminance(b)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colors_of_probability_can_be_read(window, server, scheme):
    """Checked here: axe does not see the colors of ranges."""
    page = window(server.url, scheme=scheme)
    page.wait_for_selector("#write:not([hidden])")
    # The legend has the same variables; that a range has them too, by the browser's own words.
    style = lambda selector, pseudo, name: page.evaluate(
        "([s, p, n]) => getComputedStyle(document.querySelector(s), p)[n]", [selector, pseudo, name])
    ground, seen = style("body", None, "backgroundColor"), set()
    for name in ["share-cyan", "share-yellow", "share-red", "share-reversed"]:
        color, own = style("#text-layer", f"::highlight({name})", "color"), style("#text-layer", f"::highlight({name})", "backgroundColor")
        behind = own if name == "share-reversed" else ground
        assert contrast(color, behind) >= 4.5, (name, color, behind)
        assert color == style(f".legend .{name}", None, "color")
        seen.add((color, behind))
    assert len(seen) == 4
    assert contrast(style("body", None, "color"), ground) >= 7


def test_page_is_one_document_that_asks_nobody_else(window, server, browser):
    page = window("about:blank")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url)
    until(page, "document.getElementById('model').options.length > 0")
    assert [url for url in asked if not url.startswith((server.url, "data:"))] == []
    assert [url for url in asked if not url.startswith((server.url + "/v1/", "data:"))] == [server.url + "/"]
    policy = page.evaluate("fetch('/').then((answer) => answer.headers.get('Content-Security-Policy'))")
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    document = server.get("/")
    times = []
    for _ in range(5):
        fresh = window("about:blank")
        fresh.goto(server.url)
        until(fresh, "document.getElementById('model').options.length > 0")
        times.append(fresh.evaluate("performance.getEntriesByType('navigation')[0].domInteractive"))
    print(f"\nthe page has {len(document):,} bytes; it can be used after {statistics.median(times):.0f} ms")
    assert len(document) < 200_000 and statistics.median(times) < 1000


def test_addresses_lead_to_tabs_and_back(window, server):
    page = window(server.url + "/#runs/first")
    page.wait_for_selector("#run svg")
    # What every object has is the name of no tab.
    page.evaluate("location.hash = '#constructor'")
    page.wait_for_selector("#write:not([hidden])")
    page.go_back()
    page.wait_for_selector("#run svg")
    page.click("#tab-write")
    page.wait_for_selector("#write:not([hidden])")
    assert page.locator("#runs").is_hidden() and page.title() == "Jacquard: Write"
    page.go_back()
    page.wait_for_selector("#run svg")
    assert page.locator("#tab-runs").get_attribute("aria-selected") == "true"
    page.click("#tab-write")
    page.fill("#text", "stays")
    page.click("#tab-runs")
    page.click("#tab-write")
    assert text(page) == "stays"
