"""Codes, statuses, texts and pauses out of wrapped errors."""

import json

import pytest

from monitor.probes.unwrap import fold_key, unwrap


@pytest.mark.parametrize(
    ("payload", "codes", "texts"),
    [
        ({"error": {"type": "t_error", "code": "c"}}, ["c", "t_error"], []),
        ({"type": "error", "error": {"type": "t", "message": "m"}}, ["t"], ["m"]),
        ([{"error": {"status": "UNAVAILABLE", "code": 503}}], ["UNAVAILABLE"], []),
        ({"error": "words here"}, [], ["words here"]),
        ({"error": "Unauthorized"}, ["Unauthorized"], ["Unauthorized"]),
        ({"code": "many words", "error": "more words"}, [], ["many words", "more words"]),
        ({"detail": [{"msg": "missing field", "type": "missing"}]}, ["missing"], ["missing field"]),
        ({"error": {"details": [{"reason": "R_X", "domain": "d"}]}}, ["R_X"], []),
        ({"error": {"innererror": {"code": "inner"}}}, ["inner"], []),
        ({"availability": {"code": "no_endpoints"}}, ["no_endpoints"], []),
        ({"base_resp": {"status_code": 1002, "status_msg": "m"}}, ["1002"], ["m"]),
        ({"Response": {"Error": {"Code": "A.B", "Message": "m"}}}, ["A.B"], ["m"]),
        ({"throttlingException": {"message": "m"}}, ["throttlingexception"], ["m"]),
        ({"response": {"error": {"code": "c"}}}, ["c"], []),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, ["prompt_blocked"], []),
        ({"message": {"role": "assistant", "content": "overloaded"}}, [], []),
        ({"response": "words of the model"}, [], []),
        ({"code": 0, "msg": True, "type": None, "status": False}, [], []),
        ("MODEL_COLD: wait for it", ["MODEL_COLD"], ["MODEL_COLD: wait for it"]),
        ("x.RateLimitError: slow", ["RateLimitError"], ["x.RateLimitError: slow"]),
        ("{'code': 'quota_gone'}", ["quota_gone"], ["{'code': 'quota_gone'}"]),
        ("error code: 1015", ["cloudflare_1015"], ["error code: 1015"]),
    ],
)
def test_an_error_is_unwrapped(payload: object, codes: list[str], texts: list[str]) -> None:
    findings = unwrap([payload])

    assert (findings.codes, findings.texts) == (codes, texts)


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"error": {"code": 429}}, 429),
        ({"error": {"code": "429"}}, 429),
        ({"statusCode": 401, "message": "m"}, 401),
        ({"code": 500, "error": {"metadata": {"raw": '{"code":429}'}}}, 429),
        ({"error": {"code": 200}}, None),
        ({"error": {"code": 1429}}, None),
        ({"error": {"code": True}}, None),
        ({"code": 500, "message": "upstream said: status code 429"}, 429),
        ("HTTP 503", 503),
        ("Error code: 401 - no", 401),
        ("we saw 429 tokens of 500", None),
        ("http 429.5", None),
    ],
)
def test_a_status_is_taken_from_the_innermost_error(payload: object, status: int | None) -> None:
    assert unwrap([payload]).status == status


def test_words_before_a_nested_error_come_last() -> None:
    findings = unwrap(['litellm.APIError: {"error": {"message": "inner words"}}\n at x.py'])

    assert findings.texts == ["inner words"]
    assert findings.wrappers == ["litellm.APIError"]
    assert findings.codes == ["litellm.APIError", "APIError"]


def test_json_in_json_in_json_is_unwrapped() -> None:
    inner = json.dumps({"error": {"message": json.dumps({"message": "deep words"})}})

    assert unwrap([{"error": {"metadata": {"raw": inner}}}]).texts == ["deep words"]


def test_a_brace_that_opens_no_json_stays_a_text() -> None:
    assert unwrap(['bad {"value']).texts == ['bad {"value']


def test_pauses_are_collected() -> None:
    payload = {"error": {"details": [{"retryDelay": "4s"}], "availability": {"retry_after": 3}}}

    assert unwrap([payload]).pauses == [3, "4s"]


def test_depth_and_number_are_bounded() -> None:
    deep: object = {"code": "deepest"}
    for _ in range(50):
        deep = {"error": deep}
    wide = {"errors": [{"code": f"c{n}"} for n in range(50)]}

    assert unwrap([deep]).codes == []
    assert len(unwrap([wide]).codes) == 8
    assert len(unwrap([{"message": "m"}] * 100).texts) == 24
    assert len(unwrap([["a b"] * 8] * 100).texts) == 24
    assert len(unwrap([{"code": f"c{n}"} for n in range(100)]).codes) == 48


def test_no_more_than_a_part_of_a_text_is_kept() -> None:
    assert len(unwrap(["word " * 5000]).texts[0]) <= 4000


@pytest.mark.parametrize("name", ["statusCode", "status_code", "Status-Code", "STATUS CODE"])
def test_keys_are_spelt_in_many_ways(name: str) -> None:
    assert fold_key(name) == "statuscode"
