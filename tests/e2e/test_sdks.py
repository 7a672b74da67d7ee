"""The official SDKs as witnesses: they understand the simulator, its answers and its errors."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
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
SAID = "elm fjord granite heather amber basalt "
SCRIPT = Script(first_token_seconds=0.02, gap_seconds=0.002, tokens=6, reasoning_tokens=4)
SIMULATED = ("openai", "responses", "anthropic", "gemini")

# Each script is run by the Python of its SDK's own environment, with the URL as argument; what it
# was told it prints as JSON.
_FRAME = """
import json, sys
url, key, model, prompt = sys.argv[1], "sim-key", "quick", "hello there"
told, text = {}, []
%s
print(json.dumps({"text": "".join(text), **told}))
"""
_CHAT = """
import openai
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
try:
    for chunk in client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": prompt}], max_completion_tokens=16,
        stream=True, stream_options={"include_usage": True},
    ):
        text.extend(choice.delta.content or "" for choice in chunk.choices)
        if chunk.usage:
            told["usage"] = [chunk.usage.prompt_tokens, chunk.usage.completion_tokens]
    told["models"] = [each.id for each in client.models.list()]
except openai.APIError as error:
    told["error"] = type(error).__name__
"""
_RESPONSES = """
import openai
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
try:
    with client.responses.stream(model=model, input=prompt, max_output_tokens=16) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                text.append(event.delta)
            elif event.type == "response.failed":
                told["error"] = event.response.error.code
            elif event.type == "response.completed":
                usage = event.response.usage
                told["usage"] = [usage.input_tokens, usage.output_tokens]
                assert event.response.output_text == "".join(text)
    told["models"] = [each.id for each in client.models.list()]
except openai.APIError as error:
    told["error"] = type(error).__name__
"""
_ANTHROPIC = """
import anthropic
client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)
try:
    messages = [{"role": "user", "content": prompt}]
    with client.messages.stream(model=model, max_tokens=16, messages=messages) as stream:
        text.extend(stream.text_stream)
        message = stream.get_final_message()
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.stop_reason == "end_turn"
    told["usage"] = [message.usage.input_tokens, message.usage.output_tokens]
    told["models"] = [each.id for each in client.models.list()]
except anthropic.APIError as error:
    told["error"] = f"{type(error).__name__} {error.type}"
"""
_GOOGLE = """
from google import genai
from google.genai import errors, types
options = types.HttpOptions(
    base_url=url.removesuffix("/v1beta"), retry_options=types.HttpRetryOptions(attempts=1)
)
client = genai.Client(api_key=key, http_options=options)
config = types.GenerateContentConfig(max_output_tokens=16)
try:
    for chunk in client.models.generate_content_stream(
        model=model, contents=prompt, config=config
    ):
        text.append(chunk.text or "")
        usage = chunk.usage_metadata
        shown, thoughts = usage.candidates_token_count or 0, usage.thoughts_token_count or 0
        told["usage"] = [usage.prompt_token_count, shown + thoughts]
    told["models"] = [each.name.removeprefix("models/") for each in client.models.list()]
except errors.APIError as error:
    told["error"] = f"{type(error).__name__} {error.status}"
"""


@dataclass(frozen=True)
class Witness:
    """An SDK: the dialect of the simulator that it speaks, and how it names two errors."""

    package: str
    simulated: str
    script: str
    overloaded: str
    in_stream: str

    def told(self, url: str) -> Any:
        """Run the script and give what it was told."""
        python = cached_venv(self.package) / "python"
        command = [str(python), "-c", _FRAME % self.script, url]
        # Away from the repository, whose own packages the script must not find.
        ran = subprocess.run(
            command, cwd=Path(python).parent, capture_output=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode()[-3000:]
        return json.loads(ran.stdout)


WITNESSES = [
    Witness("openai", "openai", _CHAT, "InternalServerError", "APIError"),
    Witness("openai", "responses", _RESPONSES, "InternalServerError", "server_error"),
    Witness(
        "anthropic",
        "anthropic",
        _ANTHROPIC,
        "OverloadedError overloaded_error",
        "APIStatusError api_error",
    ),
    Witness("google-genai", "gemini", _GOOGLE, "ServerError UNAVAILABLE", "ServerError INTERNAL"),
]
each_sdk = pytest.mark.parametrize(
    "witness", WITNESSES, ids=[f"{each.package}-{each.simulated}" for each in WITNESSES]
)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSimulator]:
    """A provider for each dialect, named after it."""
    behaviour = Behaviour(script=SCRIPT, accepted_key=KEY)
    fleet = [
        SimulatedTarget(
            provider=name, model="quick", group="sim/quick", behaviour=behaviour, dialect=name
        )
        for name in SIMULATED
    ]
    with run_in_thread(Simulator(fleet)) as simulator:
        yield simulator


@each_sdk
def test_an_sdk_understands_the_answer_the_counts_and_the_listing(
    witness: Witness, running: RunningSimulator
) -> None:
    told = witness.told(running.base_url(witness.simulated))

    assert told == {"text": SAID, "usage": [2, 10], "models": ["quick"]}


@each_sdk
def test_an_sdk_knows_an_injected_error_as_one_of_its_own(
    witness: Witness, running: RunningSimulator
) -> None:
    seen = []
    for fault in (FaultKind.OVERLOADED, FaultKind.STREAM_ERROR):
        running.call(partial(running.simulator.inject, witness.simulated, None, fault, count=1))
        seen.append(witness.told(running.base_url(witness.simulated)))

    assert [each["error"] for each in seen] == [witness.overloaded, witness.in_stream]
    assert [each["text"] for each in seen] == ["", "elm "]
