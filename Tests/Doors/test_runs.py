"""The tab of runs."""

import contextlib
import json
import re
import sqlite3
import subprocess
import time

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
    values = [point["value"] for point in json.loads(server.get("/v1/runs/second"))["curves"]["validation"]]

    def heights():
        points = page.locator("#run polyline").nth(1).get_attribute("points").split()
        return [float(point.split(",")[1]) for point in points]

    def straight(transformed):
        found = heights()
        low, high = min(transformed), max(transformed)
        top, bottom = min(found), max(found)
        return all(abs(bottom - (value - low) / (high - low) * (bottom - top) - y) < 0.5 for value, y in zip(transformed, found))

    import math
    assert straight(values) and not straight([math.log(value) for value in values])
    page.check("#logarithmic")
    assert straight([math.log(value) for value in values]) and not straight(values)
    page.select_option("#axis", "seconds")
    assert page.locator("#run svg .name").first.text_content() == "seconds"


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
