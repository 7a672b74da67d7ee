"""Servers that one runs oneself, at the addresses where they listen unless told otherwise."""

from monitor.config.presets.preset import Preset

OWN = (
    Preset(name="vllm", env="VLLM_API_KEY", needs_key=False, base_url="http://127.0.0.1:8000/v1"),
    Preset(name="sglang", base_url="http://127.0.0.1:30000/v1"),
    # Its container listens at 80, which its quick tour publishes as 8080.
    Preset(name="tgi", base_url="http://127.0.0.1:8080/v1"),
    Preset(name="llamacpp", base_url="http://127.0.0.1:8080/v1"),
    Preset(name="lmstudio", base_url="http://127.0.0.1:1234/v1"),
    Preset(name="ollama", base_url="http://127.0.0.1:11434", dialect="ollama_chat"),
    Preset(
        name="litellm",
        env="LITELLM_API_KEY",
        needs_key=False,
        base_url="http://127.0.0.1:4000/v1",
    ),
)
