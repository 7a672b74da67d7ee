"""Sentences that say "too busy". They come first: no status and no catch-all code gainsays them.

The same shortage is sent as 404, 429, 500, 502, 503, 529 and inside a 200 stream; only the words
are the same everywhere.
"""

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import Rule, anywhere, codes, phrases

CAPACITY_RULES = (
    Rule(
        id="simultaneous-queries",
        outcome=Outcome.OVERLOADED,
        codes=codes("clickhouse_202", "TOO_MANY_SIMULTANEOUS_QUERIES"),
        source="ClickHouse error 202 (max_concurrent_queries); the wrapper mints any status",
    ),
    Rule(
        id="simultaneous-queries-text",
        outcome=Outcome.OVERLOADED,
        phrases=phrases(r"too (?:many|much) simultaneous (?:queries|requests|connections)"),
        source="ClickHouse ProcessList, as OpenRouter's pages relay it with status 404",
    ),
    Rule(
        id="overloaded-code",
        outcome=Outcome.OVERLOADED,
        codes=codes(
            "overloaded_error server_is_overloaded engine_overloaded_error",
            "server_overloaded service_overloaded model_overloaded provider_overloaded",
            "capacity_exceeded capacity_exhausted MODEL_CAPACITY_EXHAUSTED",
            "service_tier_capacity_exceeded over_capacity insufficient_capacity",
            "no_capacity queue_exceeded queue_full ErrorQueueFull",
            "QueueOverflowError InflightBatchsizeExceeded resource_unavailable",
            "upstream_provider_shared_pool service_busy system_busy model_busy",
        ),
        source="Anthropic, OpenAI, Moonshot, OpenRouter, Groq, Gemini, Mistral, Cerebras, vLLM",
    ),
    Rule(
        id="own-concurrency",
        outcome=Outcome.RATE_LIMITED,
        phrases=phrases(
            r"(?:your|organi[sz]ation|account|team|plan|tier|user)\b.{0,80}\bconcurren(?:t|cy)",
            r"concurren(?:t|cy)\b.{0,80}\byour (?:rate limit|limit|plan|tier|account|team|org\w*)",
            r"concurrency limit (?:reached|exceeded)",
            r"in-flight requests for your",
        ),
        source="Anthropic, Moonshot, W&B, DeepSeek: concurrency granted to an account",
    ),
    Rule(
        id="overloaded-text",
        outcome=Outcome.OVERLOADED,
        phrases=phrases(
            r"over-?loaded",
            r"(?:service|server|model|engine|system)s? (?:is |are )?saturated",
        ),
        source="Anthropic, OpenAI, Gemini, DeepSeek, Together, TGI, Ollama, W&B",
    ),
    Rule(
        id="capacity-text",
        outcome=Outcome.OVERLOADED,
        phrases=phrases(
            r"(?:at|over|out of|exceed(?:s|ed)|insufficient|no|not enough|lack of) "
            r"(?:maximum |max |full |available |sufficient )?capacity",
            r"capacity (?:is |was |has been )?(?:temporarily |currently )?"
            r"(?:exceeded|exhausted|reached|full|unavailable|constrain(?:ed|ts?))",
            r"no (?:available |free |idle )?(?:slots?|instances?|workers?|gpus?|replicas?) "
            r"available",
            r"(?:temporarily )?out of (?:gpu )?resources",
            r"resource exhausted[.,] please try again later",
            r"temporarily unable to process your request",
            r"worker .{0,40}request limit reached",
            r"no more data cent(?:er|re)s to forward",
        ),
        source="OpenAI, Gemini/Vertex, xAI, Groq, Mistral, Azure, Workers AI, Chutes, llama.cpp",
    ),
    Rule(
        id="demand-text",
        outcome=Outcome.OVERLOADED,
        phrases=phrases(
            r"(?:high|higher|heavy|increased|excessive|extreme|peak)(?: \w+)? "
            r"(?:demand|traffic|load|volume)",
            r"(?:receiving|processing|handling) too many requests",
        ),
        source="Azure 429 (backend), Cerebras queue_exceeded, Anthropic 529, xAI, Moonshot",
    ),
    Rule(
        id="queue-text",
        outcome=Outcome.OVERLOADED,
        phrases=phrases(
            r"queue (?:is |was |has )?(?:been )?(?:full|overflow(?:ed)?|exceeded|too long)",
            r"(?:maximum|max|too many) (?:number of )?(?:pending|queued|waiting) requests",
            r"(?:pending|queued|waiting) requests? (?:limit )?(?:exceeded|reached)",
            r"too many (?:concurrent|open|active) (?:requests|connections|users|sessions)",
            r"too many connections",
        ),
        source="SGLang, vLLM --max-num-queued-reqs, Ollama OLLAMA_MAX_QUEUE, Bedrock 503",
    ),
    Rule(
        id="busy-text",
        outcome=Outcome.OVERLOADED,
        phrases=phrases(
            r"too busy",
            r"(?:server|service|system|model|engine|worker|backend|instance)s? "
            r"(?:is |are )?(?:currently |temporarily |very )?busy",
        ),
        source="Ollama, Hugging Face, SiliconFlow, DeepInfra",
    ),
    Rule(
        id="overloaded-chinese",
        outcome=Outcome.OVERLOADED,
        phrases=anywhere(
            "访问量过大",
            "负载(?:已饱和|过高|较高)",
            "(?:系统|服务器?|模型|网络)(?:当前)?繁忙",
            "过载|流量限制",
            "(?:系统|推理)(?:推理)?资源不足",
        ),
        source="Zhipu 1305/1312, Qianfan 336100, DeepSeek insufficient_system_resource, one-api",
    ),
    Rule(
        id="no-deployments",
        outcome=Outcome.OVERLOADED,
        phrases=phrases(r"no deployments? available"),
        source="LiteLLM router: every deployment is cooling down after failures",
    ),
)
