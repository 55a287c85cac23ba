"""A server of a small store, and a browser, for the tests of what the server shows and answers."""

import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time
import urllib.request

import pytest
from playwright.sync_api import sync_playwright

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILT = PROJECT / ".build" / "release"
CORPUS = PROJECT / "corpora" / "weavers.txt"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


class Server:
    """`jacquard-server` on a store. It can be killed and started again at the same address."""

    def __init__(self, store, *options):
        self.store, self.options = store, options
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        program = os.environ.get("JACQUARD_SERVER", BUILT / "jacquard-server")
        environment = {key: value for key, value in os.environ.items() if key != "JACQUARD_API_KEY"}
        self.process = subprocess.Popen(
            [program, "--store", self.store, "--port", str(self.port), "--threads", "1",
             *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        self.printed = self.wait_for_address(time.monotonic() + 30)

    def wait_for_address(self, deadline):
        printed = ""
        while time.monotonic() < deadline:
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                line = self.process.stdout.readline()
                printed += line
                if re.search(r"http://127\.0\.0\.1:\d+", line):
                    return printed
                if not line:
                    break
        raise RuntimeError(f"the server printed no address: {printed}")

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(30)
        self.process.stdout.close()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read()


def train(store, name, *options, corpus=CORPUS):
    subprocess.run(
        # Lanes and a window of its own: how often a run is validated follows from them, and tests count on several times.
        [BUILT / "charnn", "train", corpus, "--store", store, "--name", name, "--threads", "1", "--batch", "32", "--window", "96", *options],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Two small models of the same play, one of bytes, and one that takes its time."""
    folder = tmp_path_factory.mktemp("doors")
    path, accented = folder / "store.sqlite", folder / "accented.txt"
    accented.write_text(CORPUS.read_text()[:60000].replace("e", "é").replace("o", "😀"))
    train(path, "bytes", "--stack", "gru:48", "--steps", "500", "--unit", "byte", corpus=accented)
    train(path, "slow", "--stack", "lstm:512", "--steps", "2")
    train(path, "first", "--stack", "gru:48", "--steps", "120", "--seed", "1")
    train(path, "second", "--stack", "lstm:64", "--steps", "200", "--seed", "2")
    return path


@pytest.fixture(scope="session")
def server(store):
    server = Server(store)
    yield server
    server.kill(signal.SIGTERM)


@pytest.fixture
def own_server(store):
    """Makes servers that a test may kill."""
    servers = []

    def make(*options, path=store):
        servers.append(Server(path, *options))
        return servers[-1]

    yield make
    for one in servers:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def window(browser):
    """Opens pages, each in a window of its own, and fails for what they complain about."""
    contexts, complaints = [], []

    def open_page(url, width=1280, height=900, scheme="light", **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15000)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
