"""How fast the server writes for many at once, beside `charnn sample --count`, and how soon it begins under load.

    swift build -c release --traits Server
    charnn train text.txt --stack lstm:512,lstm:512 --store bench.sqlite --steps 50
    python3 Benchmarks/serving.py bench.sqlite

Needs wrk. Everything goes over this machine's loopback; every load ends by itself. Rates are medians of interleaved
rounds: the same texts written by the command, then read as 64 streams from the server.
"""

import json
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

BUILT = pathlib.Path(__file__).resolve().parents[1] / ".build" / "release"
STREAMS, ROUNDS, SECONDS = 64, 5, 8
PORT = 8499


def units(url):
    text = urllib.request.urlopen(url + "/metrics").read().decode()
    return float(re.search(r"^jacquard_units_written_total (\S+)", text, re.M)[1])


def resident(url):
    text = urllib.request.urlopen(url + "/metrics").read().decode()
    return float(re.search(r"^process_resident_memory_bytes (\S+)", text, re.M)[1]) / 1e6


def sampled(store, length):
    """Characters a second of the command, its start left out by the difference of two lengths."""
    def seconds(length):
        start = time.monotonic()
        subprocess.run(
            [BUILT / "charnn", "sample", "--store", store, "--count", str(STREAMS), "--length", str(length), "--seed", "1"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.monotonic() - start
    return STREAMS * (length - length // 4) / (seconds(length) - seconds(length // 4))


def served(url, script):
    load = subprocess.Popen(
        ["wrk", "-t1", f"-c{STREAMS}", f"-d{SECONDS + 2}s", "-s", script, url + "/v1/completions"], stdout=subprocess.DEVNULL)
    time.sleep(1.5)
    start, before = time.monotonic(), units(url)
    time.sleep(SECONDS - 2)
    rate = (units(url) - before) / (time.monotonic() - start)
    load.wait()
    return rate


def first_character(prompt):
    """Seconds from the request until the first piece of text has come."""
    body = json.dumps({"prompt": prompt, "max_tokens": 20, "stream": True}).encode()
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        connection.sendall(
            b"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        answer = b""
        while b"data: " not in answer:
            answer += connection.recv(65536)
        return time.monotonic() - start


def under_load(count, streams):
    stop = threading.Event()

    def stream(seed):
        while not stop.is_set():
            body = json.dumps({"max_tokens": 2000, "stream": True, "seed": seed}).encode()
            with socket.create_connection(("127.0.0.1", PORT)) as connection:
                connection.sendall(
                    b"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                while not stop.is_set() and connection.recv(65536):
                    pass

    threads = [threading.Thread(target=stream, args=(seed,)) for seed in range(streams)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    times = sorted(first_character("HESTER:\n") for _ in range(count))
    stop.set()
    for thread in threads:
        thread.join()
    return times


def main():
    store = sys.argv[1]
    threads = sys.argv[2:]  # options for the server
    server = subprocess.Popen(
        [BUILT / "jacquard-server", "--store", store, "--port", str(PORT), *threads], stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    url = f"http://127.0.0.1:{PORT}"
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(
                'wrk.method = "POST"\nwrk.body = \'{"prompt": "", "max_tokens": 20000, "temperature": 0.8, "stream": true}\'\n')
            script.flush()
            first_character("")
            ratios = []
            for round in range(ROUNDS):
                command, streams = sampled(store, 4000), served(url, script.name)
                ratios.append(streams / command)
                print(f"round {round + 1}: command {command:,.0f}, {STREAMS} streams {streams:,.0f} characters a second, "
                      f"{100 * streams / command:.1f} %, server {resident(url):.0f} MB", flush=True)
            print(f"median: {100 * statistics.median(ratios):.1f} % of the command's rate")
        times = under_load(200, 16)
        print(f"first character beside 16 streams, 200 requests: median {1000 * statistics.median(times):.1f} ms, "
              f"99th percentile {1000 * times[int(0.99 * len(times))]:.1f} ms, longest {1000 * times[-1]:.1f} ms")
    finally:
        server.terminate()
        server.wait()


main()
