"""Wire formats, one a file; this table is the only place that lists them."""

from monitor.probes.dialect import Dialect
from monitor.probes.dialects.openai_chat import OpenAIChat

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (OpenAIChat(),)}
