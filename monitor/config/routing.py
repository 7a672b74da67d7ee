"""The part of the grammar that says which routers are told, and how."""

from typing import Annotated

from pydantic import AfterValidator, Field

from monitor.config import checks, fields
from monitor.config.fields import Grammar, Unset

_Listener = Annotated[str, AfterValidator(checks.listen)]


def _folder(value: str) -> str:
    if not value or not value.isprintable():
        raise ValueError("must be the path of a folder")
    return value


class Envoy(Grammar):
    """Files of endpoints that Envoy watches."""

    folder: Annotated[str, AfterValidator(_folder)] = Field(
        description="Where each group has its file; it must be there, and Envoy watches it."
    )
    addresses: Annotated[dict[str, fields.Address] | None, Unset("those of base URLs")] = Field(
        default=None,
        description="`IP:PORT` of targets, by key; needed where the host of a base URL is a name, "
        "which Envoy does not take there.",
    )


class Routing(Grammar):
    """The routers that are told what each target should get."""

    haproxy_agent: Annotated[_Listener | None, Unset("none")] = Field(
        default=None,
        description="`HOST:PORT` at which HAProxy's agent checks are answered. An address that "
        "others can reach needs a token.",
    )
    envoy: Annotated[Envoy | None, Unset("none")] = Field(
        default=None, description="The files of endpoints that Envoy watches."
    )
