"""A target is found by its key, and by what a router can make of it."""

import pytest

from monitor.export.names import by_name
from tests.unit.export.routed import candidate, routing


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("acme/large@Eu West", "acme/large@Eu West", id="its key"),
        pytest.param("acme-large-eu-west", "acme/large@Eu West", id="its slug"),
        pytest.param("ACME-Large-EU-West", "acme/large@Eu West", id="its slug in capitals"),
        pytest.param("lab-m-1.5", "lab/m-1.5", id="a slug with a dot"),
        pytest.param("lab/m@1", "lab/m@1", id="a key whose slug another has"),
        pytest.param("lab-m-1", None, id="a slug that two have"),
        pytest.param("acme", None, id="a part"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_names(name: str, found: str | None) -> None:
    keys = ("acme/large@Eu West", "lab/m-1.5", "lab/m@1", "lab/m-1")

    one = by_name(routing(*map(candidate, keys)), name)

    assert (one.view.target.key if one else None) == found
