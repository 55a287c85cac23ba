"""What the tests of the page look at, in words."""

import json
import time

SHARES = [("plain", 0.5), ("share-cyan", 0.2), ("share-yellow", 0.05), ("share-red", 0.01), ("share-reversed", 0)]


def until(page, expression, timeout=15000, arg=None):
    """Waits for what holds on the page. (The page's policy forbids the browser driver's own way, which is `eval`.)"""
    deadline = time.monotonic() + timeout / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"never: {expression}"
        page.wait_for_timeout(20)


def text(page):
    return page.input_value("#text")


def put_cursor(page, start, end=None):
    page.focus("#text")
    page.evaluate("([a, b]) => document.getElementById('text').setSelectionRange(a, b)", [start, start if end is None else end])


def set_number(page, name, value):
    page.fill(f"#{name}", str(value))


def generate(page, length=60, seed=7, **numbers):
    """Writes, and waits until that is done; the text after it."""
    for name, value in {"max_tokens": length, **numbers}.items():
        set_number(page, name, value)
    page.fill("#seed", str(seed))
    page.click("#generate")
    written(page)
    return text(page)


def written(page):
    until(page, "!document.getElementById('generate').disabled", timeout=60000)


def colors(page):
    """The color of each UTF-16 unit of the text, 'plain' where it has none."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("""() => {
      const node = document.getElementById('text-layer').firstChild, found = Array(node.length - 1).fill('plain');
      for (const [name, highlight] of CSS.highlights) {
        if (!name.startsWith('share')) continue;
        for (const range of highlight) {
          if (range.startContainer !== node) continue;
          for (let index = range.startOffset; index < range.endOffset; index += 1) found[index] = name;
        }
      }
      return found;
    }""")


def color_of(probability):
    return next(name for name, limit in SHARES if probability >= limit)


def layer_agrees(page):
    """Whether the colored letters under the textarea are its letters, in lines that break where its lines break."""
    return page.evaluate("""() => {
      const area = document.getElementById('text'), layer = document.getElementById('text-layer');
      if (layer.textContent !== area.value + '\\n') return false;
      if (area.value === '') return true;
      area.style.height = '0';
      layer.style.alignSelf = 'start';
      const difference = Math.abs(area.scrollHeight - layer.getBoundingClientRect().height);
      area.style.height = layer.style.alignSelf = '';
      return difference < 1.5;
    }""")


def saved(page):
    until(page, "document.getElementById('saved').textContent.startsWith('Saved')")


def sent(page, action):
    """The body of the request for text that something sends."""
    with page.expect_request("**/v1/completions") as asked:
        action()
    return json.loads(asked.value.post_data)
