"""Cohere's, Ollama's and AWS's own SDKs understand the simulator, its answers and its errors."""

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from monitor.simulator import (
    Behaviour,
    FaultKind,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)
from tests.e2e.venvs import cached_venv

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

KEY = "sim-key"
SAID, THOUGHT = "elm fjord granite heather amber basalt ", "amber basalt cedar dune "
SCRIPT = Script(first_token_seconds=0.02, gap_seconds=0.002, tokens=6, reasoning_tokens=4)

# Each is run by the Python of its SDK's own environment; what it was told it prints as JSON.
_FRAME = """
import json, sys
url, key, model, prompt = *sys.argv[1:3], "quick", "hello there"
told, text, thoughts = {}, [], []
%s
print(json.dumps({"text": "".join(text), "thoughts": "".join(thoughts), **told}))
"""
_COHERE = """
import cohere
from cohere.core import ApiError
client = cohere.ClientV2(api_key=key, base_url=url)
try:
    for event in client.chat_stream(
        model=model, messages=[{"role": "user", "content": prompt}], max_tokens=16,
        request_options={"max_retries": 0},
    ):
        if event.type == "content-delta":
            text.append(event.delta.message.content.text or "")
            thoughts.append(event.delta.message.content.thinking or "")
        elif event.type == "message-end" and event.delta.error:
            told["error"] = event.delta.finish_reason
        elif event.type == "message-end":
            tokens = event.delta.usage.tokens
            told["usage"] = [tokens.input_tokens, tokens.output_tokens]
            told["finish"] = event.delta.finish_reason
    told["models"] = [each.name for each in client.models.list().models]
except ApiError as error:
    told["error"] = type(error).__name__
"""
_OLLAMA = """
import ollama
client = ollama.Client(host=url, headers={"authorization": f"Bearer {key}"})
try:
    for part in client.chat(
        model=model, messages=[{"role": "user", "content": prompt}], think=True,
        options={"num_predict": 16}, stream=True,
    ):
        text.append(part.message.content or "")
        thoughts.append(part.message.thinking or "")
        if part.done:
            told["usage"] = [part.prompt_eval_count, part.eval_count]
            told["finish"] = part.done_reason
    told["models"] = [each.model for each in client.list().models]
except ollama.ResponseError as error:
    told["error"] = f"ResponseError {error.status_code}"
"""
_BEDROCK = """
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
given = dict(
    endpoint_url=url, region_name="eu-west-3", aws_access_key_id=key,
    aws_secret_access_key="not-checked", config=Config(retries={"total_max_attempts": 1}),
)
client = boto3.client("bedrock-runtime", **given)
try:
    answer = client.converse_stream(
        modelId=model, messages=[{"role": "user", "content": [{"text": prompt}]}],
        inferenceConfig={"maxTokens": 16},
    )
    for event in answer["stream"]:
        delta = event.get("contentBlockDelta", {}).get("delta", {})
        text.append(delta.get("text", ""))
        thoughts.append(delta.get("reasoningContent", {}).get("text", ""))
        if "metadata" in event:
            usage = event["metadata"]["usage"]
            told["usage"] = [usage["inputTokens"], usage["outputTokens"]]
        if "messageStop" in event:
            told["finish"] = event["messageStop"]["stopReason"]
    listed = boto3.client("bedrock", **given).list_foundation_models()
    told["models"] = [each["modelId"] for each in listed["modelSummaries"]]
except ClientError as error:
    told["error"] = f"{type(error).__name__} {error.response['Error']['Code']}"
"""
#: By dialect of the simulator: package, script, finish, and the names of two errors.
WITNESSES = {
    "cohere": ("cohere", _COHERE, "COMPLETE", "ServiceUnavailableError", "ERROR"),
    "ollama": ("ollama", _OLLAMA, "stop", "ResponseError 503", "ResponseError -1"),
    "bedrock": (
        "boto3",
        _BEDROCK,
        "end_turn",
        "ServiceUnavailableException ServiceUnavailableException",
        "EventStreamError internalServerException",
    ),
}
each_sdk = pytest.mark.parametrize("name", WITNESSES)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSimulator]:
    """A provider for each dialect, named after it."""
    behaviour = Behaviour(script=SCRIPT, accepted_key=KEY)
    fleet = [
        SimulatedTarget(
            provider=name, model="quick", group="sim/quick", behaviour=behaviour, dialect=name
        )
        for name in WITNESSES
    ]
    with run_in_thread(Simulator(fleet)) as simulator:
        yield simulator


def told(name: str, running: RunningSimulator) -> Any:
    """What the SDK of that dialect understands."""
    package, script, *_ = WITNESSES[name]
    binaries = cached_venv(package)
    command = [str(binaries / "python"), "-c", _FRAME % script, running.base_url(name), KEY]
    # Away from the repository, whose own packages the script must not find.
    ran = subprocess.run(command, cwd=binaries, capture_output=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr.decode()[-3000:]
    return json.loads(ran.stdout)


@each_sdk
def test_an_sdk_understands_the_answer_the_counts_and_the_listing(
    name: str, running: RunningSimulator
) -> None:
    assert told(name, running) == {
        "text": SAID,
        "thoughts": THOUGHT,
        "usage": [2, 10],
        "finish": WITNESSES[name][2],
        "models": ["quick"],
    }


@each_sdk
def test_an_sdk_knows_an_injected_error_as_one_of_its_own(
    name: str, running: RunningSimulator
) -> None:
    seen = []
    for fault in (FaultKind.OVERLOADED, FaultKind.STREAM_ERROR):
        running.call(partial(running.simulator.inject, name, None, fault, count=1))
        seen.append(told(name, running)["error"])

    assert seen == list(WITNESSES[name][3:])
