"""Bad weather: clients that go away, dawdle, or talk nonsense; servers that are told to end."""

import concurrent.futures
import http.client
import json
import re
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest

from conftest import PROJECT


def metric(server, name):
    for line in server.get("/metrics").decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise KeyError(name)


def until(what, seconds=15):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.05)


def raw(server, data, seconds=10):
    """What the server answers to some bytes, until it closes the connection or says nothing more."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as connection:
        connection.sendall(data)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
                head, _, body = answer.partition(b"\r\n\r\n")
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:") and len(body) >= int(line.split(b":")[1]):
                        return answer
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else None


def stream(server, tokens=100000, seed=1):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(
        "POST", "/v1/completions",
        json.dumps({"model": "first", "prompt": "HESTER:", "max_tokens": tokens, "stream": True, "seed": seed}))
    return connection, connection.getresponse()


@pytest.mark.parametrize("head, wanted", [
    ("GET /nowhere HTTP/1.1", 404), ("DELETE /v1/models HTTP/1.1", 405), ("GET /v1/models/..%2f..%2fetc%2fpasswd HTTP/1.1", 404),
    ("GET /v1/runs/%00 HTTP/1.1", 404), ("GET /v1/texts/99999999999999999999 HTTP/1.1", 404), ("GET /v1/texts/-1 HTTP/1.1", 404),
    ("GET /../../etc/passwd HTTP/1.1", 404), ("GET /%2e%2e/store.sqlite HTTP/1.1", 404), ("FROB / HTTP/1.1", None),
])
def test_paths_that_lead_nowhere(server, head, wanted):
    answer = raw(server, f"{head}\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert (status(answer) or 400) in ([wanted] if wanted else [400, 404, 405])
    assert b"root:" not in answer and b"SQLite" not in answer


def test_headers_without_end_are_refused(server):
    answer = raw(server, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n")
    assert status(answer) in (400, 431, None)
    assert json.loads(server.get("/health"))["status"] == "ok"


def test_body_that_is_too_large_is_refused_before_it_is_read(server):
    answer = raw(server, b"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n\r\n")
    assert status(answer) == 413
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    answer = raw(
        server, b"POST /v1/score HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 40 + b"0\r\n\r\n")
    assert status(answer) == 413


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"42", b'"text"', b"\xff\xfe", b'{"prompt": "\\ud800"}', b"[" * 100_000, b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b'{"prompt": 1e999}', b'{"max_tokens": 1.5}', b'{"max_tokens": 99999999999999999999}', b'{"temperature": "hot"}', b'{"temperature": 1e999}',
    b'{"stop": [1]}',
])
def test_bodies_that_make_no_sense(server, body):
    request = urllib.request.Request(server.url + "/v1/completions", data=body, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 400
    message = json.loads(refused.value.read())["error"]["message"]
    assert message and "Error" not in message


@pytest.mark.parametrize("headers, wanted", [
    ({"Host": "evil.example"}, 421), ({"Host": "127.0.0.1", "Origin": "http://evil.example"}, 403),
    ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200), ({"Host": "[::1]:8474"}, 200), ({"Host": "192.168.1.2"}, 200),
    # Names that begin as a number does: an attacker's name server may lead them here.
    ({"Host": "127.0.0.1.evil.example"}, 421), ({"Host": "1.2.3.4.evil.example:8474"}, 421), ({"Host": "[evil.example]"}, 421),
    ({"Host": "[::1].evil.example"}, 421), ({"Host": "[1.2.3.4]"}, 421), ({"Host": "1.2.3.4.5"}, 421), ({"Host": ""}, 421),
    ({"Host": "127.0.0.1.evil.example", "Origin": "http://127.0.0.1.evil.example"}, 421),
    # What browsers say of pages of other sites where they send no origin.
    ({"Host": "127.0.0.1", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ({"Host": "127.0.0.1", "Sec-Fetch-Site": "same-site"}, 403),
    ({"Host": "127.0.0.1", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
    ({"Host": "127.0.0.1", "Sec-Fetch-Site": "same-origin"}, 200), ({"Host": "127.0.0.1", "Sec-Fetch-Site": "none"}, 200),
])
def test_pages_of_others_may_not_ask(server, headers, wanted):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    answer = raw(server, f"GET /v1/models HTTP/1.1\r\n{lines}\r\n".encode())
    assert status(answer) == wanted and b"cross-origin-resource-policy: same-origin" in answer.lower()


def test_links_of_others_lead_to_the_page(server):
    head = "HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode:"
    assert status(raw(server, f"GET / {head} navigate\r\n\r\n".encode())) == 200
    assert status(raw(server, f"GET / {head} no-cors\r\n\r\n".encode())) == 403
    assert status(raw(server, f"POST / {head} navigate\r\nContent-Length: 0\r\n\r\n".encode())) == 403


def test_who_asks_by_a_foreign_name_is_told_what_to_do(own_server):
    server = own_server("--insecure")
    assert b"ask by its number" in raw(server, b"GET /v1/models HTTP/1.1\r\nHost: mybox\r\n\r\n")
    server = own_server("--api-key", "sesame")
    head = b"GET /v1/models HTTP/1.1\r\nHost: mybox\r\nAuthorization: Bearer sesame\r\n\r\n"
    assert status(raw(server, head)) == 200


def test_client_that_goes_away_frees_its_lane(own_server):
    server = own_server()
    connection, answer = stream(server)
    assert answer.read(200)
    assert metric(server, "jacquard_texts") == 1
    answer.close()
    connection.close()
    until(lambda: metric(server, "jacquard_texts") == 0)
    # Broken off, and not written to its end for nobody.
    assert metric(server, "jacquard_units_written_total") < 50_000


def test_client_that_closes_its_half_never_gets_a_cut_text_as_a_whole_one(own_server):
    server = own_server()
    for streams in (False, True):
        body = json.dumps({"model": "slow", "prompt": "a", "max_tokens": 20_000, "stream": streams}).encode()
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
            connection.sendall(
                b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        assert b"[DONE]" not in answer
        assert streams or b" 200 " not in answer.split(b"\r\n")[0]
    until(lambda: metric(server, "jacquard_texts") == 0)


def test_client_that_asks_before_it_sends_is_told_to_go_on(server):
    """As curl does with a picture. Who announces more than is taken hears that at once."""
    head = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    body = b'{"model":"first","text":"HESTER"}'
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        for _ in range(2):
            connection.sendall(head % len(body))
            assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(body)
            assert b" 200 " in connection.recv(65536).split(b"\r\n")[0]
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head % (64 << 20))
        assert b" 413 " in connection.recv(65536).split(b"\r\n")[0]


def test_client_that_waits_for_the_whole_and_goes_away(own_server):
    server = own_server()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        body = b'{"model":"first","max_tokens":100000}'
        connection.sendall(
            b"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        until(lambda: metric(server, "jacquard_texts") == 1)
    until(lambda: metric(server, "jacquard_texts") == 0)
    assert metric(server, "jacquard_units_written_total") < 50_000


def asked_to_score(server, path="/v1/score", body={"text": "a" * 65_000, "alternatives": 0}):
    """A connection that waits for scores of a model that takes its time."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    body = json.dumps({"model": "slow", **body}).encode()
    before = metric(server, "jacquard_units_scored_total")
    connection.sendall(
        b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), len(body), body))
    until(lambda: metric(server, "jacquard_units_scored_total") > before)
    return connection


@pytest.mark.parametrize("path, body", [
    ("/v1/score", {"text": "a" * 65_000, "alternatives": 0}),
    ("/v1/completions", {"prompt": "a" * 65_000, "max_tokens": 1, "echo": True, "logprobs": 0}),
])
def test_client_that_waits_for_scores_and_goes_away(own_server, path, body):
    server = own_server()
    asked_to_score(server, path, body).close()

    def rests():
        before = metric(server, "jacquard_units_scored_total")
        time.sleep(0.5)
        return metric(server, "jacquard_units_scored_total") == before

    until(rests)
    assert metric(server, "jacquard_units_scored_total") < 65_000


def test_ending_breaks_off_scores(own_server):
    server = own_server("--grace", "0")
    with asked_to_score(server) as connection:
        start = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert status(connection.recv(65536)) == 503
        assert server.process.wait(30) == 0 and time.monotonic() - start < 10


def slow_reader(server, seed):
    """A client that asks for far more than the sockets hold between it and the server, and reads nothing of it yet."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", server.port))
    body = json.dumps({"model": "first", "prompt": "HESTER:", "max_tokens": 20000, "stream": True, "seed": seed, "logprobs": 5}).encode()
    connection.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    return connection


def test_slow_readers_stop_nobody(own_server):
    server = own_server()
    slow = [slow_reader(server, seed) for seed in range(3)]
    until(lambda: metric(server, "jacquard_texts") == 3)
    connection, answer = stream(server, tokens=200, seed=99)
    assert answer.read().endswith(b"data: [DONE]\n\n")
    # All of them still wait for their readers.
    assert metric(server, "jacquard_texts") == 3
    for one in slow:
        with one, one.makefile("rb") as answer:
            assert b"data: [DONE]\n\n" in answer.read()[-100:]
    until(lambda: metric(server, "jacquard_texts") == 0)


def test_many_idle_and_dawdling_connections_stop_nobody(own_server):
    server = own_server()
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(400)]
    dawdling = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    for number, connection in enumerate(dawdling):
        connection.sendall(b"POST /v1/score HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{" if number % 2 else b"GET /hea")
    assert json.loads(server.get("/health"))["status"] == "ok"
    connection, answer = stream(server, tokens=100)
    assert answer.read().endswith(b"data: [DONE]\n\n")
    for one in idle + dawdling:
        one.close()
    until(lambda: metric(server, "process_open_fds") < 60)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_ending_lets_a_running_text_end(own_server, how):
    server = own_server("--grace", "60")
    connection, answer = stream(server, tokens=30000)
    assert answer.read(100)
    server.process.send_signal(how)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        rest = pool.submit(answer.read)
        until(lambda: refused(server))
        assert rest.result(90).endswith(b"data: [DONE]\n\n")
    assert server.process.wait(30) == 0


def refused(server):
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=1):
            return False
    except OSError:
        return True


def test_ending_breaks_off_what_takes_too_long(own_server):
    server = own_server("--grace", "1")
    connection, answer = stream(server, tokens=100000)
    assert answer.read(100)
    start = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    rest = answer.read()
    assert b'"error"' in rest and not rest.endswith(b"data: [DONE]\n\n")
    assert server.process.wait(30) == 0 and time.monotonic() - start < 20


def test_text_that_was_saved_outlives_a_kill(own_server):
    server = own_server()
    for number in range(30):
        request = urllib.request.Request(
            server.url + "/v1/texts", method="POST",
            data=json.dumps({"title": f"kept {number}", "text": f"number {number} " * 1000}).encode())
        with urllib.request.urlopen(request) as answer:
            kept = json.load(answer)
        server.kill()
        server.start()
        assert json.loads(server.get(f"/v1/texts/{kept['id']}"))["text"] == f"number {number} " * 1000


def test_store_that_is_moved_is_neither_made_again_nor_served_from_afar(own_server, store, tmp_path):
    folder, aside = tmp_path / "checkpoints", tmp_path / "aside"
    folder.mkdir()
    server = own_server(path=shutil.copy(store, folder))

    def keep(title):
        request = urllib.request.Request(
            server.url + "/v1/texts", method="POST", data=json.dumps({"title": title, "text": "kept"}).encode())
        return urllib.request.urlopen(request)

    def is_refused(ask):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            ask()
        return refusal.value.code == 503 and json.load(refusal.value)["error"]["code"] == "store_moved"

    models = json.loads(server.get("/v1/models"))
    assert [path.name for path in folder.iterdir()] == [store.name]
    folder.rename(aside)
    assert is_refused(lambda: keep("before any other")) and is_refused(lambda: server.get("/v1/runs"))
    assert not folder.exists()
    folder.mkdir()
    shutil.copy(store, folder)
    assert is_refused(lambda: server.get("/v1/models")) and is_refused(lambda: keep("in another"))
    shutil.rmtree(folder)
    aside.rename(folder)
    assert json.loads(server.get("/v1/models")) == models
    assert keep("at last").status == 201
    # It is in the file, and in no log beside it.
    assert [path.name for path in folder.iterdir()] == [store.name]


def test_description_names_every_path_that_answers(server):
    described = json.loads(server.get("/openapi.json"))["paths"]
    named = {(method, path) for path in described for method in described[path] if method != "parameters"}
    # Everything that the server answers to is in one list.
    source = (PROJECT / "Sources/jacquard-server/ServerRoutes.swift").read_text()
    routes = set(re.findall(r'\(\.(\w+), "(/[^"]*)"', source))
    assert len(routes) > 20 and routes - {("get", "/"), ("get", "/openapi.json")} == named
    for path, operations in described.items():
        for method in set(operations) & {"get"}:
            if "{" not in path and "/map" not in path and path != "/v1/directions":
                assert urllib.request.urlopen(server.url + path).status == 200
