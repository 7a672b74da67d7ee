"""Schemathesis over an API's own OpenAPI document, from an environment of its own."""

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.e2e.venvs import cached_venv

_PROGRAM = "schemathesis==4.32.5"
#: 5xx is judged by whoever asks: some are what the operation is for.
_CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)


class Exchange(NamedTuple):
    """What was asked, and what came back.

    Attributes:
        operation: As `GET /path/{name}`.
        status: Of the answer.
        text: Of the answer, with its headers.
    """

    operation: str
    status: int
    text: str


class Fuzzed(NamedTuple):
    """What came of it.

    Attributes:
        output: What the program said.
        is_good: No check failed.
        exchanges: All that was asked.
    """

    output: str
    is_good: bool
    exchanges: Sequence[Exchange]


def known_too(document: dict[str, Any], known: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Have parameters tried with values that exist, beside any others; they go by their names."""
    told: dict[str, Any] = json.loads(json.dumps(document))
    for path in told["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in known:
                    values = {"enum": list(known[parameter["name"]])}
                    parameter["schema"] = {"anyOf": [values, parameter["schema"]]}
    return told


def fuzz(document: dict[str, Any], url: str, folder: Path, *, without: str) -> Fuzzed:
    """Ask everything that a document tells of, in ways that suit it and in ways that do not.

    Args:
        document: The OpenAPI document.
        url: Where the API is.
        folder: Where the program may write.
        without: A path that is left out.
    """
    (folder / "openapi.json").write_text(json.dumps(document))
    words = {
        "--url": url,
        "--max-examples": "8",
        "--phases": "examples,coverage,fuzzing",
        "--seed": "1",
        "--exclude-path": without,
        "--checks": ",".join(_CHECKS),
        "--report-ndjson-path": "report.ndjson",
        "--output-sanitize": "false",
        "--request-timeout": "20",
    }
    command = [str(cached_venv(_PROGRAM) / "schemathesis"), "run", "openapi.json", "--no-color"]
    command += [part for pair in words.items() for part in pair]
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=240
    )
    told = (folder / "report.ndjson").read_text().splitlines()
    found = [each for line in told for each in _exchanges(json.loads(line))]
    return Fuzzed(done.stdout + done.stderr, done.returncode == 0, found)


def _exchanges(event: dict[str, Any]) -> Iterator[Exchange]:
    recorder = event.get("ScenarioFinished", {}).get("recorder", {})
    for each in recorder.get("interactions", {}).values():
        answer = each["response"]
        if answer is None:
            yield Exchange(recorder["label"], 599, "it did not answer")
            continue
        body = base64.b64decode((answer["content"] or {}).get("$base64", ""))
        text = json.dumps(answer["headers"]) + body.decode(errors="replace")
        yield Exchange(recorder["label"], answer["status_code"], text)
