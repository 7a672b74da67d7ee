"""What is left: how servers break, codes that mean little, and the bare status."""

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import Rule, anywhere, codes, phrases, providers

SERVER_RULES = (
    Rule(
        id="server-text",
        outcome=Outcome.SERVER_ERROR,
        phrases=phrases(
            r"internal (?:server |service )?(?:error|failure)|something went wrong",
            r"an? (?:unexpected|unknown|unhandled|internal) (?:\w+ )?(?:error|exception)",
            r"error (?:while )?(?:processing|handling|generating)|unable to process your request",
            r"engine ?core|engine (?:is )?dead|scheduler is dead|shutting down|degraded function",
            r"cuda|nccl|out of memory|segmentation fault|requires more system memory",
            r"(?:model|runner|worker|process|engine)\b.{0,20}\b(?:crashed|terminated|died)",
            r"incomplete generation|generation (?:failed|error)",
        ),
        source="OpenAI 500, Anthropic 500, Gemini 500, vLLM, SGLang, TGI, Ollama, LM Studio",
    ),
    Rule(
        id="server-chinese",
        outcome=Outcome.SERVER_ERROR,
        phrases=anywhere(
            "内部错误|内部故障|服务器故障|网络错误|未知错误|调用流程出错",
            "(?:服务器?|系统)(?:内部)?(?:异常|错误)|下游服务错误",
        ),
        source="Zhipu 500/1230/1234, MiniMax 1000/1024/1033, DeepSeek 500, one-api",
    ),
)

REQUEST_RULES = (
    Rule(
        id="route-text",
        outcome=Outcome.INVALID_REQUEST,
        phrases=phrases(
            r"^not found[.!]?$|(?:page|route|path|url|endpoint|resource) not found",
            r"(?:invalid|unknown)(?: request)? url|cannot (?:get|post) /|method not allowed|"
            r"no route matched",
        ),
        source="OpenAI 404, FastAPI, Express, Go: the path is wrong, nothing is said of a model",
    ),
    Rule(
        id="request-text",
        outcome=Outcome.INVALID_REQUEST,
        phrases=phrases(
            r"(?:is not|are not|isn['\u2019]t) supported|does not support",
            r"(?:unsupported|unknown|missing|unrecogni[sz]ed|unexpected|extra) (?:required )?"
            r"(?:parameter|field|argument|value|content type|media type)",
            r"field required|(?:could not|cannot|failed to) parse|(?:invalid|malformed) json",
            r"must be (?:one of|less than|greater than|at (?:least|most)|between)",
        ),
        source="OpenAI 400, FastAPI 422, vLLM 400",
    ),
    Rule(
        id="request-chinese",
        outcome=Outcome.INVALID_REQUEST,
        phrases=anywhere(
            "参数 ?(?:错误|有误|非法|不合法|无效|缺失)|未正常接收到.{1,60}参数",
            "不能同时设置|不支持|请求格式(?:错误|不正确)",
        ),
        source="Zhipu 1210-1215, MiniMax 2013, DeepSeek 400/422",
    ),
)

#: Catch-all codes that still say whose fault it was, and statuses that say it better than the rest.
WEAK_CODE_RULES = (
    Rule(
        id="google-unavailable",
        outcome=Outcome.OVERLOADED,
        codes=codes("UNAVAILABLE"),
        providers=providers("google", "gemini", "vertex", "vertexai"),
        source="Gemini: 503 UNAVAILABLE is documented as overload",
    ),
    Rule(
        id="weak-rate-code",
        outcome=Outcome.RATE_LIMITED,
        codes=codes("RESOURCE_EXHAUSTED limit_exceeded"),
        source="Gemini 429",
    ),
    Rule(
        id="weak-unauthorized-code",
        outcome=Outcome.UNAUTHORIZED,
        codes=codes("unauthorized"),
        source="Cerebras, GitHub Models, Groq",
    ),
    Rule(
        id="weak-forbidden-code",
        outcome=Outcome.FORBIDDEN,
        codes=codes("permission_denied permission_error forbidden permission_denied_error"),
        source="Gemini 403, Anthropic 403, OpenRouter 403, Moonshot 403",
    ),
    Rule(
        id="google-free-tier-country",
        outcome=Outcome.FORBIDDEN,
        codes=codes("FAILED_PRECONDITION"),
        providers=providers("google", "gemini", "vertex", "vertexai"),
        source="Gemini 400: the free tier is not offered in this country",
    ),
    Rule(
        id="weak-not-found-code",
        outcome=Outcome.MODEL_UNAVAILABLE,
        codes=codes("not_found not_found_error NotFoundError"),
        source="Anthropic 404, vLLM 404, Gemini 404, Fireworks 404",
    ),
    Rule(
        id="weak-cancelled-code",
        outcome=Outcome.TIMEOUT,
        codes=codes("CANCELLED canceled request_cancelled"),
        source="Gemini 499, Cohere 499",
    ),
    Rule(
        id="weak-gateway-code",
        outcome=Outcome.GATEWAY_ERROR,
        codes=codes("bad_gateway cf_bad_gateway APIConnectionError connection_error"),
        source="OpenAI behind Cloudflare, LiteLLM",
    ),
)

#: After the numbers that a provider documents as overload.
UNAVAILABLE_RULES = (
    Rule(
        id="unavailable-text",
        outcome=Outcome.SERVER_ERROR,
        phrases=phrases(
            r"(?:service|server|model|system|provider|endpoint)s? "
            r"(?:is |are |currently |temporarily )*unavailable",
            r"temporarily unavailable|(?:under|for|in) maintenance",
        ),
        source="Mistral 503, OpenRouter 503, Groq 503: out of order without a word of load",
    ),
)

LAST_CODE_RULES = (
    Rule(
        id="weak-request-code",
        outcome=Outcome.INVALID_REQUEST,
        codes=codes(
            "invalid_request_error BadRequestError INVALID_ARGUMENT invalid_prompt",
            "invalid_parameter invalid_parameter_error InvalidParameter ValidationException",
            "validation unprocessable unprocessable_entity UnprocessableEntityError",
            "conflict_error precondition_failed OUT_OF_RANGE UNIMPLEMENTED",
            "invalid_request_message_error invalid_input NotImplementedError value_error missing",
        ),
        source="OpenAI, Anthropic, vLLM, Gemini, Bedrock, Mistral, TGI, FastAPI",
    ),
    Rule(
        id="weak-server-code",
        outcome=Outcome.SERVER_ERROR,
        codes=codes(
            "server_error api_error internal_server_error INTERNAL internal_error",
            "InternalServerException InternalFailure InternalServiceError UNKNOWN unknown_error",
            "service_unavailable service_unavailable_error UNAVAILABLE ServiceUnavailableException",
            "temporarily_unavailable upstream_error provider_error backend_error",
            "generation unmapped DATA_LOSS bad_response bad_response_status_code do_request_failed",
        ),
        source="OpenAI, Anthropic, Mistral, Gemini, Bedrock, OpenRouter, TGI, one-api",
    ),
    Rule(
        id="upstream-text",
        outcome=Outcome.SERVER_ERROR,
        phrases=phrases(
            r"(?:upstream|backend|provider|inference) (?:\w+ )?(?:failed|failure)",
        ),
        source="gateways that relay a failure and no reason",
    ),
)
