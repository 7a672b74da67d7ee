"""Which format a scraper gets, and what it says above the lines."""

import pytest

from monitor.export.families import FAMILIES
from monitor.export.formats import negotiate

OPEN = "application/openmetrics-text"
HEADERS = {family.name: family for family in FAMILIES}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/html", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4",
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
        ),
        (
            "text/plain;version=1.0.0;escaping=dots",
            "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
        ),
        (f"{OPEN};version=1.0.0", f"{OPEN}; version=1.0.0; charset=utf-8; escaping=underscores"),
        (f"{OPEN};version=0.0.1,text/plain;q=0.5", "text/plain; version=0.0.4; charset=utf-8"),
        (OPEN, f"{OPEN}; version=1.0.0; charset=utf-8"),
        (f"{OPEN};version=new", "text/plain; version=0.0.4; charset=utf-8"),
    ],
    ids=[
        "nothing asked",
        "a browser",
        "text with UTF-8 names",
        "text with dots",
        "OpenMetrics",
        "OpenMetrics of a version that is not spoken",
        "OpenMetrics of any version",
        "a version that is no number",
    ],
)
def test_the_scraper_gets_what_it_asks_for_as_far_as_we_speak_it(
    accept: str, content_type: str
) -> None:
    assert negotiate(accept).content_type == content_type


@pytest.mark.parametrize(
    ("accept", "name", "told"),
    [
        ("", "llmprobe_probes", b"# TYPE llmprobe_probes_total counter\n"),
        (OPEN, "llmprobe_probes", b"# TYPE llmprobe_probes counter\n"),
        ("", "llmprobe_target", b"# TYPE llmprobe_target_info gauge\n"),
        (OPEN, "llmprobe_target", b"# TYPE llmprobe_target info\n"),
        ("", "llmprobe_ttft_seconds", b"# TYPE llmprobe_ttft_seconds histogram\n"),
        (OPEN, "llmprobe_up", b"# TYPE llmprobe_up gauge\n"),
    ],
)
def test_a_header_is_of_its_format_and_ends_nothing(accept: str, name: str, told: bytes) -> None:
    header = negotiate(accept).header(HEADERS[name])

    assert header.startswith(b"# HELP ")
    assert header.endswith(told)


def test_only_open_metrics_says_where_it_ends() -> None:
    assert (negotiate("").end, negotiate(OPEN).end) == (b"", b"# EOF\n")
