"""What the server answers about pictures, beside what `ae` says of the same ones."""

import base64
import itertools
import json
import math
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

import pytest

from conftest import BUILT, Server
from test_map import png, spot


def ae(folder, *arguments):
    done = subprocess.run([BUILT / "ae", *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """40 pictures in two classes and a model of them."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(40):
        file = folder / "pictures" / "ab"[number % 2] / f"{number:02d}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(png(spot(number)))
    ae(folder, "train", "pictures", "--steps", "80", "--code", "4", "--channels", "6", "--hidden", "16", "--batch", "8",
       "--name", "spots", "--store", "store.sqlite")
    ae(folder, "encode", "pictures", "-o", "codes.csv", "--store", "store.sqlite")
    return folder


@pytest.fixture(scope="module")
def pictures(place):
    server = Server(place / "store.sqlite", "--pictures", str(place / "pictures"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def codes(place):
    """By name, as `ae encode` writes them."""
    lines = (place / "codes.csv").read_text().splitlines()
    return {line.split(",")[0]: [float(value) for value in line.split(",")[-4:]] for line in lines[1:]}


def ask(server, path, body=None, **headers):
    """Status, and the answer: JSON, or bytes of another kind."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
    request = urllib.request.Request(
        server.url + path, data=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    content = answer.read()
    is_json = answer.headers["content-type"].startswith("application/json")
    return answer.status, json.loads(content) if is_json else content


def pixels(file):
    """The values of a PNG of 8 bits in gray, row after row."""
    data, at, packed = file.read_bytes(), 8, b""
    width, depth, color = int.from_bytes(data[16:20], "big"), data[24], data[25]
    assert (depth, color) == (8, 0)
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        packed += data[at + 8:at + 8 + length] if data[at + 4:at + 8] == b"IDAT" else b""
        at += length + 12
    rows, above = zlib.decompress(packed), [0] * width
    values = []
    for start in range(0, len(rows), width + 1):
        filter, row = rows[start], []
        for place, byte in enumerate(rows[start + 1:start + 1 + width]):
            left, up, corner = row[-1] if row else 0, above[place], above[place - 1] if place else 0
            # Paeth's: whichever of the three is nearest to left + up - corner.
            nearest = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
            row.append((byte + [0, left, up, (left + up) // 2, nearest][filter]) % 256)
        values += row
        above = row
    return values


def distance(a, b):
    return math.dist(a, b)


def test_code_of_a_picture_is_that_of_the_program(pictures, place, codes):
    for name in ["a/00.png", "b/17.png"]:
        body = (place / "pictures" / name).read_bytes()
        for path, headers in [("/v1/encode", {}), ("/v1/encode?model=spots", {"content_type": "image/png"})]:
            status, answer = ask(pictures, path, body, **headers)
            assert status == 200 and answer["model"] == "spots"
            assert answer["code"] == pytest.approx(codes[name], abs=1e-4)
            assert 0 < answer["error"] < 0.2
    images = [base64.b64encode((place / "pictures" / name).read_bytes()).decode() for name in sorted(codes)]
    status, answer = ask(pictures, "/v1/encode", {"model": "spots", "images": images})
    assert status == 200 and len(answer["codes"]) == len(answer["errors"]) == 40
    for name, code in zip(sorted(codes), answer["codes"]):
        assert code == pytest.approx(codes[name], abs=1e-4)


def test_base_64_as_it_comes(pictures, place, codes):
    """In either alphabet, with padding or without, over many lines, from a browser; and nothing that is none."""
    name = sorted(codes)[2]
    content = (place / "pictures" / name).read_bytes()
    # So that both signs occur in which the alphabets differ, and padding: bytes after a picture's end are none of it.
    content += b"\xff\xfe\xfb\xef\xff" + b"\0" * (-(len(content) + 5) % 3 + 1)
    plain, of_names = base64.b64encode(content).decode(), base64.urlsafe_b64encode(content).decode()
    assert plain.endswith("=") and "-" in of_names and "_" in of_names
    images = [plain, of_names, of_names.rstrip("="), base64.encodebytes(content).decode(),
              "data:image/png;base64," + plain, "DATA:;Base64," + of_names]
    status, answer = ask(pictures, "/v1/encode", {"images": images})
    assert status == 200, answer
    for code in answer["codes"]:
        assert code == pytest.approx(codes[name], abs=1e-4)
    for wrong in [plain[:8] + "%" + plain[8:], plain[:8] + "=" + plain[8:], "data:image/png," + plain,
                  "data:image/png;base64", plain.rstrip("=") + "A" * (5 - len(plain.rstrip("=")) % 4)]:
        refused(ask(pictures, "/v1/encode", {"images": [wrong]}), 400, "images[0]")


def test_curl_sends_a_picture_and_gets_one(pictures, place):
    made = place / "made.png"
    subprocess.run(
        ["curl", "-sSf", pictures.url + "/v1/reconstruct", "-H", "accept: image/png", "--data-binary",
         f"@{place / 'pictures/a/00.png'}", "-o", made], check=True, timeout=60)
    assert made.read_bytes().startswith(b"\x89PNG")
    # The same picture as the program's, and not the one that was sent.
    ae(place, "reconstruct", "pictures/a/00.png", "--folder", "rebuilt", "--store", "store.sqlite")
    by_server, by_program = pixels(made), pixels(next((place / "rebuilt").rglob("*.png")))
    assert len(by_server) == 144 and all(abs(a - b) <= 1 for a, b in zip(by_server, by_program, strict=True))
    assert max(abs(a - b) for a, b in zip(by_server, pixels(place / "pictures/a/00.png"))) > 1


def test_codes_and_pictures_there_and_back(pictures, codes):
    chosen = sorted(codes)[:3]
    status, answer = ask(pictures, "/v1/decode", {"codes": [codes[name] for name in chosen]})
    assert status == 200 and len(answer["images"]) == 3
    status, one = ask(pictures, "/v1/decode", {"codes": [codes[chosen[0]]]}, accept="text/html, Image/PNG;q=0.8")
    assert status == 200 and one == base64.b64decode(answer["images"][0])
    status, whole = ask(pictures, "/v1/reconstruct?model=spots", one)
    assert status == 200 and set(whole) == {"model", "code", "error", "reconstruction", "difference", "scale"}
    assert base64.b64decode(whole["difference"]).startswith(b"\x89PNG") and whole["scale"] >= 0.25


def test_neighbors(pictures, place, codes):
    status, map = ask(pictures, "/v1/map")
    assert status == 200
    index = 11
    name = map["names"][index]
    nearest = sorted((other for other in codes if other != name), key=lambda other: distance(codes[name], codes[other]))
    status, answer = ask(pictures, "/v1/neighbors", {"index": index, "count": 5})
    assert status == 200 and [one["name"] for one in answer["neighbors"]] == nearest[:5]
    assert answer["code"] == pytest.approx(codes[name], abs=1e-4)
    for one in answer["neighbors"]:
        assert one["distance"] == pytest.approx(distance(codes[name], codes[one["name"]]), abs=1e-3)
        assert map["names"][one["index"]] == one["name"] and one["label"] == one["name"][0]
    for body, path in [({"code": codes[name], "count": 1}, "/v1/neighbors?count=3"),
                       ({"code": codes[name]}, "/v1/neighbors?count=1"),
                       ((place / "pictures" / name).read_bytes(), "/v1/neighbors?count=1")]:
        status, answer = ask(pictures, path, body)
        assert status == 200 and [one["name"] for one in answer["neighbors"]] == [name]


def test_map_and_directions(pictures, codes):
    status, map = ask(pictures, "/v1/map?model=spots")
    assert status == 200 and map["names"] == sorted(codes) and map["labels"] == [name[0] for name in sorted(codes)]
    assert map["tile"] == {"width": 12, "height": 12} and map["columns"] == 7
    assert all(len(point) == 2 for point in map["points"]) and len(map["neighbors"][0]) == 8
    status, sheet = ask(pictures, "/v1/map/pictures.png")
    assert status == 200 and sheet[16:24] == (7 * 12).to_bytes(4, "big") + (6 * 12).to_bytes(4, "big")
    status, answer = ask(pictures, "/v1/directions")
    assert status == 200
    mean = [sum(column) / len(codes) for column in zip(*codes.values())]
    assert answer["mean"] == pytest.approx(mean, abs=1e-3)
    assert len(answer["directions"]) == len(answer["deviations"]) == len(mean)
    projections = []
    for direction, deviation in zip(answer["directions"], answer["deviations"]):
        along = [sum(d * (value - m) for d, value, m in zip(direction, code, mean)) for code in codes.values()]
        assert math.sqrt(sum(value**2 for value in along) / len(along)) == pytest.approx(deviation, rel=1e-2)
        projections.append([value / deviation for value in along])
    # Those along which the codes differ most, each without what the others say: no axis does as well.
    for a, b in itertools.combinations(projections, 2):
        assert sum(x * y for x, y in zip(a, b)) / len(a) == pytest.approx(0, abs=2e-2)
    variances = [sum((value - m)**2 for value in column) / len(codes) for column, m in zip(zip(*codes.values()), mean)]
    assert answer["deviations"] == sorted(answer["deviations"], reverse=True)
    assert answer["deviations"][0]**2 > max(variances) * 0.999


def test_codes_of_the_store_are_enough(place):
    ae(place, "encode", "pictures", "--to-store", "--store", "store.sqlite")
    server = Server(place / "store.sqlite")
    try:
        assert b"jacquard_models_loaded 0\n" in server.get("/metrics")
        status, map = ask(server, "/v1/map")
        assert status == 200 and len(map["names"]) == 40
        metrics = server.get("/metrics")
        assert b"jacquard_models_loaded 1\n" in metrics and b"jacquard_model_loads_total 1\n" in metrics
        # Codes that are kept while it runs.
        (place / "more").mkdir()
        (place / "more/z.png").write_bytes(png(spot(41)))
        ae(place, "encode", "more", "--to-store", "--store", "store.sqlite")
        status, map = ask(server, "/v1/map")
        assert status == 200 and len(map["names"]) == 41 and "z.png" in map["names"]
    finally:
        server.kill()


def refused(answer, status, param=None):
    assert answer[0] == status, answer
    error = answer[1]["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["param"] == param, error
    return error


def test_what_is_wrong_is_said(pictures, place):
    good = (place / "pictures/a/00.png").read_bytes()
    error = refused(ask(pictures, "/v1/encode", b"plain text"), 415, "image")
    assert "PNG and JPEG" in error["message"]
    refused(ask(pictures, "/v1/encode", b""), 415, "image")
    refused(ask(pictures, "/v1/reconstruct", good[:-20]), 400, "image")
    # Its header claims more than is decoded.
    head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + good[24:29]
    huge = good[:12] + head + zlib.crc32(head).to_bytes(4, "big") + good[33:]
    refused(ask(pictures, "/v1/encode", huge), 413, "image")
    refused(ask(pictures, "/v1/encode", {"images": []}), 400, "images")
    refused(ask(pictures, "/v1/encode", {"images": ["%%%"]}), 400, "images[0]")
    refused(ask(pictures, "/v1/encode", {"images": [base64.b64encode(good).decode()] * 65}), 400, "images")
    refused(ask(pictures, "/v1/encode?model=none", good), 404, "model")
    refused(ask(pictures, "/v1/decode", good), 400)
    refused(ask(pictures, "/v1/decode", {}), 400, "codes")
    refused(ask(pictures, "/v1/decode", {"codes": [[1, 2, 3]]}), 400, "codes")
    refused(ask(pictures, "/v1/decode", {"codes": [[1, 2, 3, "4"]]}), 400, "codes")
    refused(ask(pictures, "/v1/decode", {"codes": [[1e300, 0, 0, 0]]}), 400, "codes")
    refused(ask(pictures, "/v1/decode", {"codes": [[0] * 4] * 257}), 400, "codes")
    refused(ask(pictures, "/v1/reconstruct", {"model": "spots"}), 400)
    refused(ask(pictures, "/v1/neighbors", {}), 400, "code")
    refused(ask(pictures, "/v1/neighbors", {"index": 40}), 400, "index")
    refused(ask(pictures, "/v1/neighbors", {"index": 1, "count": 0}), 400, "count")
    refused(ask(pictures, "/v1/neighbors?count=many", good), 400, "count")
    refused(ask(pictures, "/v1/neighbors?count=0", {"index": 1}), 400, "count")
    status, answer = ask(pictures, "/v1/decode", {"codes": [[0, 0, 0, 0]], "colour": 1})
    assert status == 200 and answer["warnings"] == ["colour: unknown, and without effect"]


def test_too_many_at_once_are_told_what_of(pictures):
    """Bodies that have not come yet count: they are what takes memory."""
    head = b"POST /v1/encode HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n"
    # Some more than 32: one of them may be refused for a question that is being answered just then.
    waiting = [socket.create_connection(("127.0.0.1", pictures.port)) for _ in range(40)]
    try:
        for connection in waiting:
            connection.sendall(head)
        deadline = time.monotonic() + 15
        while (answer := ask(pictures, "/v1/encode", b"x"))[0] != 429:
            assert time.monotonic() < deadline
        assert answer[1]["error"]["message"].startswith("32 requests with pictures")
    finally:
        for connection in waiting:
            connection.close()


def test_without_pictures_it_says_how_to_have_some(place, tmp_path):
    subprocess.run(["cp", place / "store.sqlite", tmp_path / "store.sqlite"], check=True)
    server = Server(tmp_path / "store.sqlite", "--pictures", str(tmp_path / "nowhere"))
    try:
        for path in ["/v1/map", "/v1/map/pictures.png", "/v1/directions"]:
            error = refused(ask(server, path), 409, "model")
            assert "--pictures FOLDER" in error["message"] and error["code"] == "no_pictures"
        # The rest needs none.
        assert ask(server, "/v1/decode", {"codes": [[0, 0, 0, 0]]})[0] == 200
    finally:
        server.kill()


def test_everything_is_described(pictures):
    described = json.loads(pictures.get("/openapi.json"))["paths"]
    for path in ["encode", "decode", "reconstruct", "neighbors", "map", "map/pictures.png", "directions"]:
        assert f"/v1/{path}" in described
