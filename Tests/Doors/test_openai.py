"""OpenAI's official client against our server: every kind of call, and what the client makes of errors."""

import concurrent.futures
import json
import math
import re
import subprocess
import threading
import urllib.error
import urllib.request

import openai
import pytest

from conftest import BUILT


@pytest.fixture(scope="module")
def client(server):
    return openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)


def sampled(store, *options):
    return subprocess.run(
        [BUILT / "charnn", "sample", "--store", store, "--run", "first", "--no-prime-echo", "--threads", "1", *options],
        check=True, capture_output=True, timeout=120).stdout.decode()


def complete(client, **fields):
    return client.completions.create(**({"model": "first", "prompt": "HESTER:\n", "max_tokens": 40, "seed": 7} | fields))


def text(answer):
    return answer.choices[0].text


def test_models_are_listed(client):
    models = client.models.list().data
    assert {"first", "second"} <= {model.id for model in models}
    assert all(model.object == "model" and model.owned_by == "jacquard" and model.created > 1.7e9 for model in models)


def test_one_model_is_described(client):
    assert client.models.retrieve("second").id == "second"


def test_text_is_the_one_that_the_command_writes(client, store):
    answer = complete(client, temperature=0.8, max_tokens=200)
    assert text(answer) + "\n" == sampled(
        store, "--prime", "HESTER:\n", "--temp", "0.8", "--length", "200", "--seed", "7").rstrip("\n") + "\n"
    assert answer.choices[0].finish_reason == "length"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (8, 200, 208)


def test_same_seed_same_text_and_another_another(client):
    assert text(complete(client)) == text(complete(client)) != text(complete(client, seed=8))


def test_seed_is_drawn_and_told(client):
    first = client.completions.create(model="first", prompt="A", max_tokens=30)
    assert text(complete(client, prompt="A", max_tokens=30, seed=first.seed)) == text(first)


def test_temperature_zero_is_greedy(client):
    assert text(complete(client, temperature=0, seed=1)) == text(complete(client, temperature=0, seed=2))


def test_top_p_and_penalties_change_the_text(client):
    texts = {text(complete(client, max_tokens=120, **fields)) for fields in (
        {}, {"top_p": 0.3}, {"presence_penalty": 2}, {"frequency_penalty": 2}, {"logit_bias": {"e": -100}})}
    assert len(texts) == 5


def test_biased_unit_never_comes(client):
    assert "e" in text(complete(client, max_tokens=200))
    assert "e" not in text(complete(client, max_tokens=200, logit_bias={"e": -100}))


def test_several_texts_of_a_prompt(client, store):
    choices = complete(client, n=3, temperature=0.8).choices
    assert [choice.index for choice in choices] == [0, 1, 2]
    together = sampled(store, "--prime", "HESTER:\n", "--temp", "0.8", "--length", "40", "--seed", "7", "--count", "3", "--null")
    assert [choice.text for choice in choices] == together.split("\0")[:3]


def test_several_prompts(client):
    choices = complete(client, prompt=["HESTER:", "PELL:"], n=2).choices
    assert [choice.index for choice in choices] == [0, 1, 2, 3]
    assert choices[2].text == complete(client, prompt="PELL:").choices[0].text


def test_text_ends_before_the_first_stop(client):
    whole = text(complete(client, max_tokens=300))
    stop = whole[100:103]
    ended = complete(client, max_tokens=300, stop=[stop, "\0"])
    assert text(ended) == whole[:whole.index(stop)] and ended.choices[0].finish_reason == "stop"
    many = [f"never {number}" for number in range(15)] + [stop]
    assert text(complete(client, max_tokens=300, stop=many)) == text(ended)


def test_stream_is_the_same_text(client):
    whole = complete(client, max_tokens=150, n=2)
    texts, reasons = ["", ""], [None, None]
    for chunk in complete(client, max_tokens=150, n=2, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.text
            reasons[choice.index] = choice.finish_reason or reasons[choice.index]
    assert texts == [choice.text for choice in whole.choices] and reasons == ["length", "length"]


def test_stream_tells_usage_where_it_is_asked(client):
    chunks = list(complete(client, stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 40
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_stream_ends_at_a_stop(client):
    whole = text(complete(client, max_tokens=300))
    stop = whole[100:103]
    chunks = list(complete(client, max_tokens=300, stop=stop, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole[:whole.index(stop)]
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_echo_gives_the_prompt_back(client):
    assert text(complete(client, echo=True)) == "HESTER:\n" + text(complete(client))


def test_log_probabilities_are_a_distribution(client):
    answer = complete(client, logprobs=5, max_tokens=30)
    found = answer.choices[0].logprobs
    assert "".join(found.tokens) == text(answer) and found.text_offset == list(range(30))
    for token, logarithm, beside in zip(found.tokens, found.token_logprobs, found.top_logprobs):
        assert beside[token] == logarithm <= 0 and 5 <= len(beside) <= 6
        assert sum(math.exp(value) for value in beside.values()) <= 1 + 1e-5


def test_all_log_probabilities_sum_to_one(client):
    classes = client.models.retrieve("first").classes
    found = complete(client, logprobs=classes, max_tokens=3).choices[0].logprobs
    for beside in found.top_logprobs:
        assert len(beside) == classes and abs(sum(math.exp(value) for value in beside.values()) - 1) < 1e-4


def test_places_of_units_are_those_in_the_text(client):
    """Characters of several bytes, of a model whose units are bytes, and line ends that are folded."""
    answer = complete(client, model="bytes", prompt="é😀\r\nx", echo=True, logprobs=0, max_tokens=60)
    found = answer.choices[0].logprobs
    assert text(answer).startswith("é😀\nx") and found.text_offset[:8] == [0, 0, 1, 1, 1, 1, 2, 3]
    assert found.text_offset == sorted(found.text_offset) and found.text_offset[-1] < len(text(answer))
    for token, offset in zip(found.tokens, found.text_offset):
        if not token.startswith("bytes:"):
            assert text(answer)[offset] == token


def test_what_the_model_has_never_seen_is_said(client, server):
    answer = complete(client, prompt="ЖHESTER織")
    assert answer.warnings == ["prompt: the model has never seen \"Ж\" (1×), \"織\" (1×): it reads them as unknown characters"]
    answer = complete(client, prompt=["HESTER", "Ж"], n=2, extra_body={"frobnicate": 1})
    assert [warning.split(":")[0] for warning in answer.warnings] == ["frobnicate", "prompt[1]"]
    chunks = list(complete(client, prompt="Ж", stream=True))
    assert chunks[0].warnings[0].startswith("prompt: the model has never seen")
    # As programs read streams, which know nothing of warnings.
    assert "".join(chunk.choices[0].text for chunk in chunks) == text(complete(client, prompt="Ж"))
    scored = openai.OpenAI(base_url=server.url + "/v1", api_key="none").post(
        "/score", body={"model": "first", "text": "HЖ"}, cast_to=object)
    assert scored["warnings"][0].startswith("text: the model has never seen \"Ж\" (1×)")


def test_prompt_is_scored_by_echo(client, server):
    """As tools that judge models ask: nothing written, all of the prompt with its log probabilities."""
    answer = complete(client, prompt="PELL: I have", max_tokens=0, echo=True, logprobs=2)
    found = answer.choices[0].logprobs
    assert text(answer) == "PELL: I have" == "".join(found.tokens)
    assert found.token_logprobs[0] is None and all(value < 0 for value in found.token_logprobs[1:])
    scored = openai.OpenAI(base_url=server.url + "/v1", api_key="none").post(
        "/score", body={"model": "first", "text": "PELL: I have", "alternatives": 2}, cast_to=object)
    # Both are rounded for the wire, each in its own way.
    assert [-unit["nats"] for unit in scored["units"]][1:] == pytest.approx(found.token_logprobs[1:], abs=1.1e-5)


def test_our_own_fields_come_through(client):
    greedy = text(complete(client, temperature=0))
    assert text(complete(client, extra_body={"top_k": 1})) == greedy == text(complete(client, extra_body={"min_p": 1}))
    assert text(complete(client, extra_body={"repetition_penalty": 1.5})) != text(complete(client))


def test_unknown_fields_are_named(client):
    answer = complete(client, extra_body={"frobnicate": 1, "mirostat": 2})
    assert [warning.split(":")[0] for warning in answer.warnings] == ["frobnicate", "mirostat"]
    first = next(iter(complete(client, stream=True, extra_body={"frobnicate": 1})))
    assert first.warnings == ["frobnicate: unknown, and without effect"]
    answer = complete(client, extra_body={"stream_options": {"include_frobs": True}})
    assert answer.warnings == ["stream_options.include_frobs: unknown, and without effect"]


@pytest.mark.parametrize("fields, param", [
    ({"extra_body": {"tools": []}}, "tools"), ({"extra_body": {"messages": []}}, "messages"), ({"suffix": "x"}, "suffix"),
    ({"best_of": 3}, "best_of"), ({"temperature": -1}, "temperature"), ({"top_p": 1.5}, "top_p"), ({"n": 0}, "n"),
    ({"n": 200}, "n"), ({"max_tokens": -1}, "max_tokens"), ({"max_tokens": 10**9}, "max_tokens"), ({"stop": [""]}, "stop"),
    ({"stop": ["a"] * 17}, "stop"), ({"logprobs": 10**4}, "logprobs"), ({"logit_bias": {"42": 1}}, "logit_bias"),
    ({"logit_bias": {"e": 1000}}, "logit_bias"), ({"prompt": [1, 2, 3]}, "prompt"), ({"prompt": []}, "prompt"),
    ({"extra_body": {"seed": "x"}}, "seed"), ({"seed": 2**64 - 1}, "seed"), ({"logprobs": 0, "n": 128, "max_tokens": 10**5}, "logprobs"),
    ({"extra_body": {"stream_options": {"include_usage": 1}}}, "include_usage"),
    ({"prompt": "a" * 70_000}, "prompt"), ({"prompt": "a" * 70_000, "echo": True, "logprobs": 0, "max_tokens": 1}, "prompt"), ({"extra_body": {"top_k": 0}}, "top_k"), ({"extra_body": {"stream": 1}}, "stream"),
])
def test_what_cannot_be_is_refused_by_its_name(client, fields, param):
    with pytest.raises(openai.BadRequestError) as refused:
        complete(client, **fields)
    assert refused.value.param == param and refused.value.type == "invalid_request_error"
    if param == "seed":
        assert "from -9223372036854775808 to 9223372036854775807" in refused.value.message


def test_model_that_is_not_there(client):
    with pytest.raises(openai.NotFoundError) as refused:
        complete(client, model="third")
    assert refused.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("../store")


def test_key_is_wanted_and_taken(own_server):
    server = own_server("--api-key", "sesame")
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=server.url + "/v1", api_key="wrong", max_retries=0).models.list()
    assert openai.OpenAI(base_url=server.url + "/v1", api_key="sesame").models.list().data


def test_nothing_but_the_page_and_the_sign_of_life_goes_without_the_key(own_server):
    server = own_server("--api-key", "sesame")

    def status(method, path, *key):
        asked = urllib.request.Request(server.url + path, method=method, headers=dict(zip(["authorization"], key)))
        try:
            return urllib.request.urlopen(asked, timeout=30).status
        except urllib.error.HTTPError as error:
            return error.code

    described = json.loads(server.get("/openapi.json"))["paths"]
    free = ["/", "/health", "/openapi.json", "/favicon.ico"]
    asked = [(method, path) for path in described for method in described[path]
             if path not in free and method != "parameters"]
    assert {("get", "/metrics"), ("get", "/v1/texts/export"), ("get", "/v1/map"), ("post", "/v1/completions")} <= set(asked)
    for method, path in asked + [("get", "/nowhere")]:
        path = re.sub(r"\{\w+\}", "1", path)
        for key in [(), ("Bearer sesam",), ("Bearer sesame1",), ("Bearer ",), ("sesame",), ("Basic sesame",), ("Bearersesame",)]:
            assert status(method.upper(), path, *key) == 401, (method, path, key)
        assert method != "get" or status("GET", path, "Bearer sesame") != 401
    assert status("GET", "/v1/models", "bearer sesame") == 200
    for path in free:
        assert status("GET", path) != 401, path


def test_texts_asked_for_together_are_those_asked_for_alone(client):
    seeds = range(20)
    alone = [text(complete(client, max_tokens=80, seed=seed)) for seed in seeds]
    together = [None] * 20

    def ask(seed):
        together[seed] = text(complete(client, max_tokens=80, seed=seed))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_too_many_at_once_are_told_to_come_back(own_server):
    server = own_server("--max-concurrent", "1")
    client = openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)
    streams = [complete(client, max_tokens=100000, stream=True, seed=seed) for seed in range(5)]
    with pytest.raises(openai.RateLimitError) as refused:
        complete(client)
    assert int(refused.value.response.headers["retry-after"]) >= 1
    for stream in streams:
        stream.close()
    # What could never be taken is not told to come back.
    with pytest.raises(openai.BadRequestError) as refused:
        complete(client, n=6)
    assert refused.value.param == "n" and "--max-concurrent" in refused.value.message


def test_asynchronous_client_streams_too(server):
    import asyncio

    async def read():
        async with openai.AsyncOpenAI(base_url=server.url + "/v1", api_key="none") as client:
            stream = await client.completions.create(model="first", prompt="HESTER:\n", max_tokens=40, seed=7, stream=True)
            return "".join([chunk.choices[0].text async for chunk in stream])

    # In a thread of its own: the browser's driver has a loop in this one.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(asyncio.run, read()).result()
    assert streamed == text(complete(openai.OpenAI(base_url=server.url + "/v1", api_key="none")))
