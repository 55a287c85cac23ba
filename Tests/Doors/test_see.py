"""The tab of pictures, in a browser."""

import base64
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from test_map import png, spot
from test_pictures import ask, codes, pictures, place  # noqa: F401 (fixtures)
from writing import until


def see(window, server, **options):
    page = window(server.url + "/#see", **options)
    page.wait_for_selector(".map-canvas")
    page.wait_for_function("document.getElementById('see-decoded').naturalWidth > 0")
    return page


def decoded(page):
    """The pixels of the picture beside the sliders, gray, once nothing is on its way."""
    page.wait_for_timeout(300)
    return bytes(page.evaluate("""async () => {
      const picture = document.getElementById("see-decoded");
      await picture.decode();
      const pen = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight).getContext("2d");
      pen.drawImage(picture, 0, 0);
      return [...pen.getImageData(0, 0, picture.naturalWidth, picture.naturalHeight).data].filter((_, k) => k % 4 === 0);
    }"""))


def decoded_by_server(page, server, code):
    """The same of a code, asked for directly."""
    _, picture = ask(server, "/v1/decode", {"codes": [code]}, accept="image/png")
    return bytes(page.evaluate("""async (base64) => {
      const picture = new Image();
      picture.src = `data:image/png;base64,${base64}`;
      await picture.decode();
      const pen = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight).getContext("2d");
      pen.drawImage(picture, 0, 0);
      return [...pen.getImageData(0, 0, picture.naturalWidth, picture.naturalHeight).data].filter((_, k) => k % 4 === 0);
    }""", base64.b64encode(picture).decode()))


def near(a, b, most=3):
    return len(a) == len(b) and max(abs(x - y) for x, y in zip(a, b)) <= most


def give(page, name, content, mime="image/png"):
    page.set_input_files("#see-file", dict(name=name, mimeType=mime, buffer=content))


def test_sliders_draw_what_the_server_makes_of_the_code(window, pictures):
    page = see(window, pictures)
    told = json.loads(pictures.get("/v1/directions"))
    assert page.locator("#see-sliders .setting").count() == len(told["directions"])
    assert near(decoded(page), decoded_by_server(page, pictures, told["mean"]))
    page.get_by_label("Direction 1, as a number").fill("2.5")
    page.keyboard.press("Tab")
    moved = [m + 2.5 * told["deviations"][0] * d for m, d in zip(told["mean"], told["directions"][0])]
    assert page.get_by_label("Direction 1", exact=True).input_value() == "2.5"
    assert near(decoded(page), decoded_by_server(page, pictures, moved))
    # By keyboard, a step at a time.
    page.get_by_label("Direction 2", exact=True).focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.get_by_label("Direction 2", exact=True).input_value() == "0.2"
    moved = [value + 0.2 * told["deviations"][1] * d for value, d in zip(moved, told["directions"][1])]
    assert near(decoded(page), decoded_by_server(page, pictures, moved))
    # So far out that it shows.
    before = decoded(page)
    page.get_by_label("Direction 2, as a number").fill("-3")
    page.keyboard.press("Tab")
    moved = [value - 3.2 * told["deviations"][1] * d for value, d in zip(moved, told["directions"][1])]
    after = decoded_by_server(page, pictures, moved)
    assert not near(before, after) and near(decoded(page), after)
    page.get_by_role("button", name="Average of all").click()
    assert near(decoded(page), decoded_by_server(page, pictures, told["mean"]))


def test_a_picture_of_ones_own(window, pictures, codes):
    page = see(window, pictures)
    given = png(spot(4))
    give(page, "four.png", given)
    page.wait_for_selector(".alike button")
    _, whole = ask(pictures, "/v1/reconstruct", given)
    assert f"mean squared error {whole['error']:.3g}"[:26] in page.locator(".drop [role=status]").text_content()
    shown = page.locator(".three img").evaluate_all("all => all.map((one) => one.src)")
    assert shown[0].startswith("blob:") and shown[1].endswith(whole["reconstruction"])
    assert shown[2].endswith(whole["difference"])
    first = page.locator(".alike button").first.text_content()
    assert first.startswith("a/04.png, a ")
    # The sliders begin at its code.
    assert near(decoded(page), decoded_by_server(page, pictures, whole["code"]))
    page.locator(".alike button").nth(1).click()
    name = page.locator(".alike button").nth(1).text_content().split(",")[0]
    assert page.locator(".map-chosen strong").text_content() == name


def test_what_is_no_picture_is_said_and_the_rest_stays(window, pictures):
    page = see(window, pictures)
    give(page, "text.png", b"plain text")
    page.wait_for_selector(".notice.error")
    assert "PNG and JPEG" in page.locator(".notice.error").text_content()
    give(page, "good.png", png(spot(1)))
    page.wait_for_selector(".alike button")
    assert page.locator(".notice.error").count() == 0


def test_a_picture_is_dropped(window, pictures):
    page = see(window, pictures)
    content = base64.b64encode(png(spot(2))).decode()
    page.evaluate("""(content) => {
      const transfer = new DataTransfer(), bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], "dropped.png", {type: "image/png"}));
      for (const kind of ["dragenter", "dragover", "drop"]) {
        document.querySelector(".drop").dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
      }
    }""", content)
    page.wait_for_selector(".alike button")
    assert "dropped.png" in page.locator(".drop [role=status]").text_content()


def test_a_picture_of_the_map_moves_the_sliders(window, pictures, codes):
    page = see(window, pictures)
    field = page.get_by_label("Search pictures by name")
    field.fill("b/17")
    field.press("Enter")
    assert page.locator(".map-chosen strong").text_content() == "b/17.png"
    assert near(decoded(page), decoded_by_server(page, pictures, codes["b/17.png"]))


def test_answer_about_other_weights_moves_no_slider(window, pictures):
    page, waiting = see(window, pictures), []
    page.route("**/v1/neighbors", lambda route: waiting.append(route))
    field = page.get_by_label("Search pictures by name")
    field.fill("b/17")
    field.press("Enter")
    while not waiting:
        page.wait_for_timeout(20)
    # What the server would answer had the model been trained on meanwhile.
    models = json.loads(pictures.get("/v1/models"))
    for model in models["data"]:
        model["step"] += 1
    name = models["data"][0]["id"]
    page.route("**/v1/models", lambda route: route.fulfill(json=models))
    with page.expect_response("**/v1/decode"):
        page.evaluate("(name) => { location.hash = `#see/${name}`; }", name)
    waiting[0].continue_()
    told = json.loads(pictures.get("/v1/directions"))
    assert near(decoded(page), decoded_by_server(page, pictures, told["mean"]))


def test_a_model_that_is_gone_is_said_and_no_other_shown_for_it(window, pictures):
    page = window(pictures.url + "/#see/nobody")
    page.wait_for_selector("[role=alert] >> text=There is no model of pictures 'nobody' in the store (any more).")
    assert page.locator("#see-sliders").is_hidden() and page.input_value("#see-model") == "nobody"
    page.get_by_role("button", name="Choose another").click()
    assert page.evaluate("document.activeElement.id") == "see-model"
    page.select_option("#see-model", json.loads(pictures.get("/v1/models"))["data"][0]["id"])
    until(page, "document.getElementById('see-decoded').naturalWidth > 0")
    assert page.locator("[role=alert]").count() == 0


@pytest.mark.parametrize("options", [dict(), dict(scheme="dark"), dict(width=360, height=780)], ids=["light", "dark", "phone"])
def test_accessible_at_both_widths(window, pictures, options):
    page = see(window, pictures, **options)
    give(page, "four.png", png(spot(4)))
    page.wait_for_selector(".alike button")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
