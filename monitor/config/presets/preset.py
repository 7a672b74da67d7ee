"""What is known of a provider."""

import re
from dataclasses import dataclass
from string import Formatter

from monitor.model.target import Prices

#: What may stand in the place of a `{name}` in a base URL: it can change neither host nor path.
FILLING = r"[A-Za-z0-9][A-Za-z0-9_-]*"
#: The region that has no region in its host name.
_GLOBAL = "global"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a name alone says about where to send a request and how; all of it can be overridden.

    Attributes:
        name: The provider's name in the configuration.
        env: The environment variable that holds its API key; None if it needs none.
        needs_key: Whether it refuses to answer without one.
        base_url: Where the dialect's paths begin, with `{resource}`, `{project}` or `{region}`
            where that differs by account.
        global_base_url: The same where the region is `global`; None if that is no other.
        dialect: The wire format it speaks.
        auth_header: The header that carries the key.
        auth_prefix: What stands before the key in that header.
        author: Its name as the author of its own models, in groups; None if it has none.
        default_model: Probed when no models are written; None if there is no such model.
        default_group: The group of that model, where its name does not give it.
        reasoning: Patterns that begin the names of models that reason or refuse a temperature,
            each with the lowest effort that they take; None to send no effort.
        max_tokens_parameter: The name under which it takes the ceiling on generated tokens.
        include_usage: It takes `stream_options`; if not, it sends the usage unasked.
        headers: Sent with every request, without credentials.
        query: Sent with every request in the URL, without credentials.
        signature: Keys of the configuration that tell it who is asking, and their headers.
        discovery: The way in which it lists who serves a model; None if it has none.
        prices: US dollars per million tokens of input and of output, by model.
    """

    name: str
    env: str | None = None
    needs_key: bool = True
    base_url: str
    global_base_url: str | None = None
    dialect: str = "openai_chat"
    auth_header: str = "Authorization"
    auth_prefix: str = "Bearer "
    author: str | None = None
    default_model: str | None = None
    default_group: str | None = None
    reasoning: tuple[tuple[str, str | None], ...] = ()
    max_tokens_parameter: str = "max_tokens"
    include_usage: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    signature: tuple[tuple[str, str], ...] = ()
    discovery: str | None = None
    prices: tuple[tuple[str, float, float], ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The names that its base URL leaves open.

        >>> Preset(name="a", base_url="https://{resource}.example/v1").places
        ('resource',)
        """
        found = (name for _, name, _, _ in Formatter().parse(self.base_url) if name)
        return tuple(dict.fromkeys(found))

    def url(self, **filling: str) -> str:
        """Give the base URL with its open places filled."""
        if self.global_base_url is not None and filling.get("region") == _GLOBAL:
            return self.global_base_url.format(**filling)
        return self.base_url.format(**filling)

    def owns(self, base_url: str) -> bool:
        """Say whether *base_url* is this provider's own, so that it may be sent its key."""
        own = (self.base_url, *([self.global_base_url] if self.global_base_url else []))
        return any(re.fullmatch(_pattern(url), base_url) for url in own)

    def is_reasoning(self, model: str) -> bool:
        """Say whether *model* is known to reason."""
        return self._reasoning_row(model) is not None

    def effort_of(self, model: str) -> str | None:
        """Give the lowest effort of *model*; of one that is not known, that of the first kind."""
        row = self._reasoning_row(model)
        if row is None:
            return self.reasoning[0][1] if self.reasoning else "low"
        return row[1]

    def prices_of(self, model: str) -> Prices | None:
        """Give what *model* costs at its own base URL; None if that is not known for sure."""
        for name, paid_in, paid_out in self.prices:
            if name == model:
                return Prices(input_usd_per_million=paid_in, output_usd_per_million=paid_out)
        return None

    def _reasoning_row(self, model: str) -> tuple[str, str | None] | None:
        rows = (row for row in self.reasoning if re.match(row[0], model, re.IGNORECASE))
        return next(rows, None)


def _pattern(template: str) -> str:
    return "".join(
        re.escape(text) + (FILLING if name else "")
        for text, name, _, _ in Formatter().parse(template)
    )
