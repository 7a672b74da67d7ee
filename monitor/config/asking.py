"""How a target is asked: the settings of its request."""

from dataclasses import replace

from monitor.config.chain import MODEL, Chain, Setting
from monitor.config.presets import Preset
from monitor.config.subject import Subject
from monitor.model.target import RequestSettings

#: Ceiling on generated tokens where a model reasons before it answers.
_REASONING_TOKENS = 512
_REASONING_EFFORT = "low"
#: Ceiling of a long answer, for tokens per second.
_MANY_TOKENS = 256
_FITTING = RequestSettings()


def request_settings(subject: Subject) -> RequestSettings:
    """Work out how *subject* is asked.

    What is set on `defaults` or the provider was meant for models that answer at once; where a
    model reasons, its temperature and its ceiling yield to what reasoning needs.
    """
    chain, preset = subject.chain, subject.preset
    parameter = chain.text("request", "max_tokens_parameter")
    usage = chain.find("request", "include_usage")
    image = chain.find("request", "image")
    return RequestSettings(
        max_output_tokens=_tokens(chain, is_reasoning=subject.is_reasoning),
        max_tokens_parameter=parameter.value if parameter else _parameter(preset),
        temperature=_temperature(chain, is_reasoning=subject.is_reasoning),
        reasoning_effort=_effort(subject),
        include_usage=bool(usage.value) if usage else preset is None or preset.include_usage,
        has_image=image is not None and bool(image.value),
        extra_body=chain.extra_body(),
    )


def throughput_request(subject: Subject, request: RequestSettings) -> RequestSettings:
    """Work out how *subject* is asked for a long answer, from how it is asked for a short one."""
    found = subject.chain.number("throughput", "max_output_tokens")
    tokens = int(found.value) if found else _MANY_TOKENS
    if subject.is_reasoning and not _is_own(found):
        tokens = max(tokens, _MANY_TOKENS + _REASONING_TOKENS)
    return replace(request, max_output_tokens=tokens, has_image=False)


def _parameter(preset: Preset | None) -> str:
    return preset.max_tokens_parameter if preset else _FITTING.max_tokens_parameter


def _tokens(chain: Chain, *, is_reasoning: bool) -> int:
    found = chain.number("request", "max_output_tokens")
    tokens = int(found.value) if found else _FITTING.max_output_tokens
    return max(tokens, _REASONING_TOKENS) if is_reasoning and not _is_own(found) else tokens


def _temperature(chain: Chain, *, is_reasoning: bool) -> float | None:
    found = chain.find("request", "temperature")
    if is_reasoning and not _is_own(found):
        return None
    if found is None:
        return _FITTING.temperature
    return None if found.value is None else float(str(found.value))


def _effort(subject: Subject) -> str | None:
    found = subject.chain.find("request", "reasoning_effort")
    if found is not None and (subject.is_reasoning or _is_own(found)):
        return None if found.value is None else str(found.value)
    if not subject.is_reasoning:
        return None
    return subject.preset.effort_of(subject.model) if subject.preset else _REASONING_EFFORT


def _is_own(setting: Setting[object] | Setting[float] | None) -> bool:
    """It was set for the model itself, or for a target of it."""
    return setting is not None and setting.depth >= MODEL
