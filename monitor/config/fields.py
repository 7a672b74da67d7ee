"""The kinds of single values in `monitor.yaml`, each with what it must look like."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from monitor.config import checks
from monitor.config.presets import PRESETS
from monitor.health.evidence import HORIZON_SECONDS
from monitor.model.detail import Detail as Details
from monitor.probes.dialects import DIALECTS as SPOKEN

#: The wire formats that can be asked for.
DIALECTS = tuple(SPOKEN)
#: The ways to find out who serves a model.
DISCOVERIES = tuple(preset.discovery for preset in PRESETS.values() if preset.discovery)


@dataclass(frozen=True, slots=True)
class Unset:
    """What holds where a field is not set, in words, for the reference."""

    text: str


class Grammar(BaseModel):
    """What all parts share: unknown keys are errors, and no message shows a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def _one_of(known: Collection[str], what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value in known:
            return value
        guess = checks.suggestion(value, known) or f"known are {', '.join(known)}"
        raise ValueError(f"unknown {what}; {guess}")

    return check


def _choices(known: Iterable[str]) -> Any:
    """Have the schema list what is known, for editors that complete."""
    return Field(json_schema_extra={"enum": [str(each) for each in known]})


def _secret(value: SecretStr) -> SecretStr:
    checks.header_value(value.get_secret_value())
    return value


def switched(value: object) -> object:
    """Take `true` or `false` for a mapping that says no more than that."""
    is_more = value is None or isinstance(value, dict | list | BaseModel)
    return value if is_more else {"enabled": value}


_Number = BeforeValidator(_no_boolean)
Seconds = Annotated[float, _Number, Field(gt=0, le=86_400, allow_inf_nan=False)]
Interval = Annotated[float, _Number, Field(ge=1, le=86_400, allow_inf_nan=False)]
Refresh = Annotated[float, _Number, Field(ge=60, le=86_400, allow_inf_nan=False)]
Jitter = Annotated[float, _Number, Field(ge=0, le=43_200, allow_inf_nan=False)]
Price = Annotated[float, _Number, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Dollars = Annotated[float, _Number, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
#: How many runs at once; each has a connection and a descriptor of its own.
AtOnce = Annotated[int, _Number, Field(ge=1, le=10_000)]
#: From a few thousand results to a disk of its own.
SpoolBytes = Annotated[int, _Number, Field(ge=1 << 20, le=1 << 40)]
#: The windows of 24 hours are read from results, those of 90 days begin on a whole hour.
RawDays = Annotated[int, _Number, Field(ge=2, le=36_500)]
RollupDays = Annotated[int, _Number, Field(ge=91, le=36_500)]
Tokens = Annotated[int, _Number, Field(ge=16, le=100_000)]
#: What a model can take or give; shown, never sent.
ModelTokens = Annotated[int, _Number, Field(ge=1, le=1_000_000_000)]
#: A decode speed is published from 64 tokens on.
ManyTokens = Annotated[int, _Number, Field(ge=64, le=100_000)]
Temperature = Annotated[float, _Number, Field(ge=0, le=2, allow_inf_nan=False)]
#: So often in a row.
Times = Annotated[int, _Number, Field(ge=1, le=100)]
#: Of a target that never fails, the decayed share of successes begins at 0.95 and nears 1.
Share = Annotated[float, _Number, Field(ge=0, le=0.99, allow_inf_nan=False)]
Factor = Annotated[float, _Number, Field(gt=1, le=1000, allow_inf_nan=False)]
Excess = Annotated[float, _Number, Field(ge=0, le=3600, allow_inf_nan=False)]
Hold = Annotated[float, _Number, Field(ge=0, le=86_400, allow_inf_nan=False)]
#: Runs are remembered for so long, beside what is stored of them.
WithinAnHour = Annotated[float, _Number, Field(gt=0, le=HORIZON_SECONDS, allow_inf_nan=False)]
Delays = Annotated[list[Seconds], AfterValidator(checks.delays)]
_Weight = Annotated[float, _Number, Field(gt=0, le=1, allow_inf_nan=False)]
Ramp = Annotated[list[_Weight], AfterValidator(checks.ramp)]
Label = Annotated[str, AfterValidator(checks.label)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
Effort = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
ModelName = Annotated[str, AfterValidator(checks.model_name)]
ProviderName = Annotated[str, AfterValidator(checks.provider_name)]
HeaderName = Annotated[str, AfterValidator(checks.header_name)]
HeaderValue = Annotated[str, AfterValidator(checks.header_value)]
QueryName = Annotated[str, AfterValidator(checks.query_name)]
QueryValue = Annotated[str, AfterValidator(checks.query_value)]
BodyName = Annotated[str, AfterValidator(checks.body_name)]
BodyValue = Annotated[Any, AfterValidator(checks.body_value)]
Address = Annotated[str, AfterValidator(checks.address)]
Folder = Annotated[str, AfterValidator(checks.folder)]
Url = Annotated[str, AfterValidator(checks.base_url)]
Filling = Annotated[str, AfterValidator(checks.filling)]
Dialect = Annotated[str, AfterValidator(_one_of(DIALECTS, "dialect")), _choices(DIALECTS)]
Detail = Annotated[str, AfterValidator(_one_of(tuple(Details), "detail")), _choices(Details)]
PresetName = Annotated[str, AfterValidator(_one_of(PRESETS, "preset")), _choices(PRESETS)]
Discovery = Annotated[str, AfterValidator(_one_of(DISCOVERIES, "discovery")), _choices(DISCOVERIES)]
Group = Annotated[str, AfterValidator(checks.group_name)]
