"""What is logged, and what never is."""

import io
import json

import structlog

from monitor import log
from monitor.model.outcome import Outcome
from monitor.model.target import Secret
from tests.factories import make_result


def test_secrets_are_blotted_out_of_every_value() -> None:
    stream = io.StringIO()
    log.set_up((Secret("sk-planted-key"), Secret("x")), as_json=True, stream=stream)

    structlog.get_logger().warning("config", detail="key sk-planted-key x", number=5)

    line = json.loads(stream.getvalue())
    assert line["detail"] == "key *** x"
    assert line["number"] == 5
    assert line["level"] == "warning"


def test_secrets_are_blotted_out_of_tracebacks() -> None:
    stream = io.StringIO()
    log.set_up((Secret("sk-planted-key"),), as_json=True, stream=stream)

    try:
        int("sk-planted-key")
    except ValueError:
        structlog.get_logger().exception("run_failed")

    assert "planted" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_a_terminal_gets_text() -> None:
    stream = io.StringIO()
    log.set_up(as_json=False, stream=stream)

    structlog.get_logger().info("serving", address="here")

    assert "serving" in stream.getvalue()
    assert "address=here" in stream.getvalue()


def test_the_line_of_a_run_leaves_out_what_is_not_known() -> None:
    line = log.run_line(make_result(ttft_seconds=0.123456), "up")

    assert line["ttft_seconds"] == 0.1235
    assert line["outcome"] == "ok"
    assert not {"rule", "confirm", "message", "output_tokens", "tainted"} & line.keys()


def test_the_line_of_a_failed_run_names_the_rule() -> None:
    line = log.run_line(make_result(Outcome.OVERLOADED, confirm=2, tainted=True), "degraded")

    assert (line["rule"], line["confirm"], line["tainted"]) == ("test", 2, True)
