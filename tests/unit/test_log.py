"""What is logged, and what never is."""

import io
import json
import os

import structlog

from monitor import log
from monitor.model.outcome import Outcome
from monitor.model.target import Secret
from tests.factories import make_result


def test_secrets_are_blotted_out_of_every_value() -> None:
    stream = io.StringIO()
    writer = log.set_up((Secret("sk-planted-key"), Secret("x")), as_json=True, stream=stream)

    deep = {"a": ["sk-planted-key"], "b": ("sk-planted-key", 1)}
    structlog.get_logger().warning("config", detail="key sk-planted-key x", number=5, deep=deep)
    writer.close()

    line = json.loads(stream.getvalue())
    assert line["detail"] == "key *** x"
    assert line["number"] == 5
    assert line["deep"] == {"a": ["***"], "b": ["***", 1]}
    assert line["level"] == "warning"


def test_a_secret_that_begins_like_another_leaves_nothing_of_it() -> None:
    stream = io.StringIO()
    secrets = (Secret("sk-planted"), Secret("sk-planted-tail"))
    writer = log.set_up(secrets, as_json=True, stream=stream)

    structlog.get_logger().warning("config", detail="key sk-planted-tail")
    writer.close()

    assert json.loads(stream.getvalue())["detail"] == "key ***"


def test_secrets_are_blotted_out_of_tracebacks() -> None:
    stream = io.StringIO()
    writer = log.set_up((Secret("sk-planted-key"),), as_json=True, stream=stream)

    try:
        int("sk-planted-key")
    except ValueError:
        structlog.get_logger().exception("run_failed")
    writer.close()

    assert "planted" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_a_terminal_gets_text() -> None:
    stream = io.StringIO()
    writer = log.set_up(as_json=False, stream=stream)

    structlog.get_logger().info("serving", address="here")
    writer.close()

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


def test_a_long_value_is_cut_after_it_was_redacted() -> None:
    stream = io.StringIO()
    writer = log.set_up((Secret("sk-planted-key"),), as_json=True, stream=stream)

    structlog.get_logger().info("x", detail="." * 3995 + "sk-planted-key")
    writer.close()

    assert json.loads(stream.getvalue())["detail"] == "." * 3995 + "***"


def test_a_reader_that_stands_still_stops_nobody() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        writer = log.LineWriter(stream, capacity=50)
        for _ in range(300):
            writer.write("x" * 4096)  # far more than a pipe holds
        assert writer.dropped > 100
        writer.close(0.01)
        os.close(reading)  # now the thread can end
        writer.close(5.0)


def test_a_reader_that_went_away_stops_nobody() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        writer = log.LineWriter(stream)
        writer.write("x\n")
        writer.write("y\n")
        writer.close()

        assert writer.dropped == 2


def test_secrets_that_come_later_are_blotted_out_beside_those_before() -> None:
    stream = io.StringIO()
    writer = log.set_up((Secret("sk-planted-old"),), as_json=True, stream=stream)

    log.redact((Secret("sk-planted-new"),))
    structlog.get_logger().info("rotated", was="sk-planted-old", now="sk-planted-new")
    writer.close()

    assert "planted" not in stream.getvalue()
