"""One target before it is one: the levels above it, and what it is called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitor.config.chain import Chain
from monitor.config.errors import Place
from monitor.config.health import Health
from monitor.config.presets import PRESETS, Preset
from monitor.config.schema import Document, GroupBody, ModelBody, ProviderBody, TargetBody
from monitor.model.target import Prices


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to become a target.

    Attributes:
        chain: The levels that its settings come from.
        provider: The provider's name.
        preset: What is known of the provider, if anything.
        model: The model's name.
        body: What is said of the model.
        target: What is said of this one among several targets of the model.
        groups: What is said of groups, by their names.
    """

    chain: Chain
    provider: str
    preset: Preset | None
    model: str
    body: ModelBody
    target: TargetBody | None = None
    groups: Mapping[str, GroupBody | None] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Where it stands in the configuration."""
        return self.chain.levels[-1][0]

    @property
    def key(self) -> str:
        """`provider/model` or `provider/model@name`."""
        name = f"@{self.target.name}" if self.target else ""
        return f"{self.provider}/{self.model}{name}"

    @property
    def group(self) -> str:
        """The logical model; made of the model's name where it is not said."""
        if self.body.group is not None:
            return self.body.group
        if self.model.count("/") == 1:
            return self.model
        known = self.preset.author if self.preset else None
        return f"{known or self.provider}/{self.model.rpartition('/')[2]}"

    @property
    def group_health(self) -> Health | None:
        """What is said of the health of its group's targets."""
        body = self.groups.get(self.group)
        return body.health if body else None

    @property
    def deployment(self) -> str | None:
        """What a router calls it, where that is said."""
        return self.target.deployment if self.target else self.body.deployment

    @property
    def is_reasoning(self) -> bool:
        """It reasons before it answers, as said or as its preset knows."""
        if self.body.reasoning is not None:
            return self.body.reasoning
        return self.preset is not None and self.preset.is_reasoning(self.model)

    @property
    def prices(self) -> Prices | None:
        """What is said of its costs."""
        own = self.target.prices if self.target else None
        body = own or self.body.prices
        if body is None:
            return None
        return Prices(
            input_usd_per_million=body.input_usd_per_million,
            output_usd_per_million=body.output_usd_per_million,
            image_usd=body.image_usd,
        )

    @property
    def context_tokens(self) -> int | None:
        """The longest prompt with its answer, as said."""
        own = self.target.context_tokens if self.target else None
        return own or self.body.context_tokens

    @property
    def longest_output_tokens(self) -> int | None:
        """The longest answer, as said."""
        own = self.target.longest_output_tokens if self.target else None
        return own or self.body.longest_output_tokens


def subjects(document: Document, name: str, provider: ProviderBody) -> Iterator[Subject]:
    """List the targets of the provider *name*; none if it has no models and no default one."""
    preset = PRESETS.get(provider.preset or name)
    models = provider.models
    if models is None and preset is not None and preset.default_model is not None:
        models = {preset.default_model: ModelBody(group=preset.default_group)}
    outer = ((("defaults",), document.defaults), (("providers", name), provider))
    for model, given in (models or {}).items():
        body = given or ModelBody()
        place: Place = ("providers", name, "models", model)
        levels = (*outer, (place, body))
        groups = document.groups or {}
        if body.targets is None:
            yield Subject(Chain(levels), name, preset, model, body, groups=groups)
        for index, target in enumerate(body.targets or ()):
            chain = Chain((*levels, ((*place, "targets", index), target)))
            yield Subject(chain, name, preset, model, body, target, groups)
