"""Which stored targets an order to look for endpoints may have made."""

import pytest

from monitor.probes.discovery import key_prefix
from monitor.probes.listing import Listed, expand
from tests.factories import make_probe


def test_the_keys_of_all_endpoints_of_a_model_begin_alike() -> None:
    template = make_probe("gate/lab/large")
    listed = (Listed(tag="acme", provider_name="Acme"), Listed(tag="b/fp8", provider_name="B"))

    for probe in expand((template,), listed):
        assert probe.target.key.startswith(key_prefix(template))


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("gate/lab/large", id="the model itself"),
        pytest.param("gate/lab/larger@acme", id="a longer name"),
        pytest.param("gate/lab@acme", id="a shorter name"),
        pytest.param("other/lab/large@acme", id="another provider"),
    ],
)
def test_no_other_key_begins_so(key: str) -> None:
    assert not key.startswith(key_prefix(make_probe("gate/lab/large")))
