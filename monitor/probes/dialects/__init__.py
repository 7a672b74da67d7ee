"""Wire formats, one a file; this table is the only place that lists them."""

from monitor.probes.dialect import Dialect
from monitor.probes.dialects.anthropic_messages import AnthropicMessages
from monitor.probes.dialects.bedrock_converse import BedrockConverse
from monitor.probes.dialects.cohere_chat import CohereChat
from monitor.probes.dialects.gemini_generate import GeminiGenerate
from monitor.probes.dialects.ollama_chat import OllamaChat
from monitor.probes.dialects.openai_chat import OpenAIChat
from monitor.probes.dialects.openai_responses import OpenAIResponses

_ALL: tuple[Dialect, ...] = (
    OpenAIChat(),
    OpenAIResponses(),
    AnthropicMessages(),
    GeminiGenerate(),
    CohereChat(),
    OllamaChat(),
    BedrockConverse(),
)

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in _ALL}
