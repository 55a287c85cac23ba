"""The tab of runs."""

import contextlib
import json
import math
import re
import signal
import sqlite3
import subprocess

import pytest

from conftest import BUILT, CORPUS, Server, train
from writing import until


def test_run_shows_curves_best_samples_and_configuration(window, server):
    page = window(server.url + "/#runs")
    page.click("#runs-list >> text=second")
    page.wait_for_selector("#run svg")
    assert page.url.endswith("#runs/second")
    told = json.loads(server.get("/v1/runs/second"))
    assert page.locator("#run polyline").count() == 2
    assert f"best {told['best']['value']:.4f}" in page.locator("#run svg .best").text_content()
    shown = page.inner_text("#run")
    for option in told["options"] + told["data"]:
        assert option["name"] in shown and option["value"] in shown
    assert told["command"] in shown
    page.click("text=The curves in numbers")
    rows = page.locator("#run-curves tbody tr").count()
    assert 3 < rows <= 25 and f"{told['curves']['training'][-1]['value']:.4f}" in page.inner_text("#run-curves tbody")
    assert page.locator("#run-rest details").count() == len(told["samples"])


def test_curve_is_drawn_where_its_values_are_on_both_scales(window, server):
    page = window(server.url + "/#runs/second")
    page.wait_for_selector("#run svg")
    curve = json.loads(server.get("/v1/runs/second"))["curves"]["validation"]
    steps, seconds, values = ([point[key] for point in curve] for key in ("step", "seconds", "value"))

    def places(axis):
        points = page.locator("#run polyline").nth(1).get_attribute("points").split()
        return [float(point.split(",")[axis]) for point in points]

    def ticks(axis):
        """The numbers below the drawing, or those beside it, and where they stand."""
        found = page.locator("#run svg.chart > text:not(.name)").evaluate_all(
            "all => all.map((one) => [one.textContent, Number(one.getAttribute('x')), Number(one.getAttribute('y')) - 5])")
        return [(float(text), place[axis]) for text, *place in found if (place[0] < 60) == (axis == 1)]

    def agrees(numbers, axis, bend=lambda number: number):
        """Whether the curve stands where the numbers say by the first and the last tick."""
        (low, start), *_, (high, end) = [(bend(number), place) for number, place in ticks(axis)]
        wanted = [start + (bend(number) - low) / (high - low) * (end - start) for number in numbers]
        return len(wanted) > 3 and all(abs(a - b) < 1 for a, b in zip(wanted, places(axis), strict=True))

    assert agrees(steps, 0) and agrees(values, 1) and not agrees(values, 1, math.log)
    page.check("#logarithmic")
    assert agrees(steps, 0) and agrees(values, 1, math.log) and not agrees(values, 1)
    page.select_option("#axis", "seconds")
    assert page.locator("#run svg .name").first.text_content() == "seconds"
    assert agrees(seconds, 0) and agrees(values, 1, math.log) and not agrees(steps, 0)


def test_two_runs_lie_over_each_other_with_what_differs(window, server):
    page = window(server.url + "/#runs/second")
    page.wait_for_selector("#compare-with")
    page.focus("#compare-with")
    page.select_option("#compare-with", "first")
    page.wait_for_selector("text=What differs")
    assert page.evaluate("document.activeElement.id") == "compare-with"
    assert page.url.endswith("#runs/second/with/first") and page.locator("#run polyline").count() == 4
    rows = {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in page.locator("#run-rest tbody tr").all()}
    assert any(cells == ["lstm:64", "gru:48"] for cells in rows.values())
    told = [json.loads(server.get(f"/v1/runs/{name}")) for name in ("second", "first")]
    same = [option["name"] for option in told[0]["options"] if option in told[1]["options"]]
    assert same and not set(same) & rows.keys()
    better = min(told, key=lambda run: run["best"]["value"])["name"]
    assert page.locator("#run-rest p").first.inner_text().startswith(f"{better} is better by")
    page.select_option("#compare-with", "")
    until(page, "document.querySelectorAll('#run polyline').length === 2")


@pytest.fixture
def unvalidated(tmp_path):
    """A server of three runs: two of them, one imported, were never validated."""
    store, weights = tmp_path / "store.sqlite", tmp_path / "weights.safetensors"
    train(store, "unvalidated", "--stack", "gru:8", "--steps", "20", "--validation", "0")
    for command in (["export", "unvalidated", weights], ["import", weights, "--name", "imported"]):
        subprocess.run([BUILT / "charnn", *command, "--store", store], check=True, stdout=subprocess.DEVNULL)
    train(store, "validated", "--stack", "gru:8", "--steps", "20")
    server = Server(store)
    yield server
    server.kill(signal.SIGTERM)


def test_runs_that_were_never_validated_are_shown_beside_others(window, unvalidated):
    page = window(unvalidated.url + "/#runs")
    page.wait_for_selector("#runs-list >> text=validated")
    rows = {row.locator("strong").inner_text(): row.locator("small").inner_text() for row in page.locator("#runs-list a").all()}
    assert rows.keys() == {"unvalidated", "imported", "validated"}
    assert [name for name, row in rows.items() if "best" in row] == ["validated"]
    for name, curves in {"unvalidated": 1, "imported": 0, "validated": 2}.items():
        page.click(f"#runs-list strong:text-is('{name}')")
        page.wait_for_selector(f"#run h2:text-is('{name}')")
        assert page.locator("#run polyline").count() == curves
        best = page.locator("#run-facts dt:text-is('Best') + dd").inner_text()
        assert (best == "not validated") == (name != "validated")
        page.evaluate("(name) => { location.hash = `#runs/${name}/with/${name === 'imported' ? 'validated' : 'imported'}`; }", name)
        page.wait_for_selector("text=which is better cannot be said")
    assert page.locator("#runs-notices [role=alert]").count() == 0


def test_loss_that_is_no_number_leaves_a_gap_in_its_curve(window, server):
    told = json.loads(server.get("/v1/runs/second"))
    told["curves"]["training"][-1]["value"] = told["curves"]["validation"][0]["value"] = None
    page = window("about:blank")
    page.route("**/v1/runs/second", lambda route: route.fulfill(json=told))
    page.goto(server.url + "/#runs/second")
    page.wait_for_selector("#run svg")
    drawn = [len(line.get_attribute("points").split()) for line in page.locator("#run polyline").all()]
    assert drawn == [len(told["curves"][name]) - 1 for name in ("training", "validation")]


def test_losses_that_differ_in_their_last_digit_are_drawn(window, server):
    told = json.loads(server.get("/v1/runs/second"))
    for points in told["curves"].values():
        for index, point in enumerate(points):
            point["value"] = 1 + index % 2 * 2**-52
    page = window("about:blank")
    page.route("**/v1/runs/second", lambda route: route.fulfill(json=told))
    page.goto(server.url + "/#runs/second")
    page.wait_for_selector("#run svg")
    assert page.locator("#run polyline").count() == 2


def test_record_that_cannot_be_drawn_is_said_and_the_next_is_asked_for(window, server):
    page = window("about:blank")
    page.route("**/v1/runs", lambda route: route.fulfill(json={"runs": [None]}), times=1)
    page.goto(server.url + "/#runs")
    page.wait_for_selector("#runs-notices [role=alert]")
    page.wait_for_selector("#runs-list >> text=second")
    assert page.locator("#runs-notices [role=alert]").count() == 0


def test_unknown_run_is_said(window, server):
    page = window(server.url + "/#runs/nobody")
    page.wait_for_selector("#runs-notices [role=alert]")
    assert "nobody" in page.inner_text("#runs-notices")


def test_run_that_cannot_be_read_is_no_model_and_stops_no_list(tmp_path):
    path = tmp_path / "store.sqlite"
    for name in ["odd", "good"]:
        train(path, name, "--stack", "gru:8", "--steps", "2")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE run SET configuration = '{}', configuration_crc32 = NULL WHERE name = 'odd'")
        connection.commit()
    server = Server(path)
    try:
        assert [model["id"] for model in json.loads(server.get("/v1/models"))["data"]] == ["good"]
        assert {run["name"] for run in json.loads(server.get("/v1/runs"))["runs"]} == {"odd", "good"}
    finally:
        server.kill()


def test_run_that_trains_is_followed_and_asked_for_only_while_somebody_looks(window, store, server):
    training = subprocess.Popen(
        [BUILT / "charnn", "train", CORPUS, "--store", store, "--name", "live", "--stack", "gru:32", "--threads", "1",
         "--time-limit", "40s"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page = window(server.url + "/#runs")
        page.click("#runs-list >> text=live", timeout=30000)
        page.wait_for_selector("#run svg polyline", timeout=30000)
        steps = lambda: page.locator("#run-facts dt:text-is('Steps') + dd").inner_text()
        before = steps()
        until(page, "(before) => [...document.querySelectorAll('#run-facts dd')].every((dd) => dd.textContent !== before)", arg=before, timeout=30000)
        assert "running" in page.inner_text("#run-facts")
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_timeout(5000)
        assert 2 <= sum(url.endswith("/v1/runs/live") for url in asked) <= 3
        page.click("#tab-write")
        page.wait_for_timeout(500)
        asked.clear()
        page.wait_for_timeout(3000)
        assert not any("/v1/runs" in url for url in asked)
    finally:
        training.terminate()
        training.wait(30)
