"""Sentences of providers that send no code, or a catch-all one."""

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import Rule, anywhere, phrases

_AUTH = r"auth(?:entication|orization)?"
_KEY = (
    rf"(?:(?:api|subscription)[ _-]?(?:key|token)|x-api-key|access[ _]token"
    rf"|{_AUTH}(?: (?:key|token|header))?)"
)

#: Whose access it is, before anything that names a model or a policy.
ACCESS_RULES = (
    Rule(
        id="model-access-text",
        outcome=Outcome.FORBIDDEN,
        phrases=phrases(
            r"(?:does|do) ?n[o']t have (?:access|permission)(?: to| for)?(?: use)? "
            r"(?:the |this )?(?:requested |specified )?model",
            r"must be verified to use",
            r"not authori[sz]ed to (?:access|use) (?:the |this )?model",
        ),
        source="OpenAI 403/404, Bedrock 403",
    ),
    Rule(
        id="unauthorized-text",
        outcome=Outcome.UNAUTHORIZED,
        phrases=phrases(
            rf"(?:invalid|incorrect|wrong|bad|expired|missing|malformed|revoked|no) "
            rf"(?:\w+ )?{_KEY}",
            r"(?:invalid|expired|missing|malformed|revoked) (?:token|credentials?)",
            rf"{_KEY}\b.{{0,60}}?\b(?:not valid|invalid|incorrect|expired|missing|revoked|disabled|"
            r"not found|not provided|deactivated|leaked|required)",
            rf"{_AUTH} (?:has )?fail(?:s|ed|ure)",
            rf"(?:provide|pass|supply|include|send) (?:a |an |your )?(?:valid )?{_KEY}",
            r"token (?:is |has )?(?:expired|invalid|missing|not valid)|jwt expired",
            r"(?:security token|signature)\b.{0,60}\b(?:invalid|expired|does not match|mismatch)",
            r"user not found|invalid username or password|(?:please log|not logged) ?in",
            r"unauthori[sz]ed|authentication error|no auth credentials",
            r"must be a member of an organi[sz]ation",
        ),
        source="OpenAI, Gemini 400, xAI 400, OpenRouter 401, Cohere 401, vLLM 401, APIM 401",
    ),
    Rule(
        id="unauthorized-chinese",
        outcome=Outcome.UNAUTHORIZED,
        phrases=anywhere(
            "(?:鉴权|身份验证|认证)失败|Token ?的验证失败|未收到 ?Authentication",
            "令牌(?:已过期|无效|不正确)|无效的令牌|Token ?(?:非法|不匹配|已过期|无效|已失效)",
            "(?:无效|错误|不正确)的 ?API[ -]?(?:Key|密钥)",
            "API[ -]?(?:Key|密钥) ?(?:无效|错误|不正确|不存在|已过期|已失效)",
            "未授权(?!.{0,10}模型)",
        ),
        source="Zhipu 1000-1004, MiniMax 1004/2049, DeepSeek 401, Moonshot 401, one-api",
    ),
    Rule(
        id="account-closed-chinese",
        outcome=Outcome.FORBIDDEN,
        phrases=anywhere(
            "(?:账户|账号|帐号|用户).{0,8}(?:锁定|封禁|禁用|停用|非活动)",
            "账[户号]存在?违规|无法成功访问您的账户",
        ),
        source="Zhipu 1110/1112/1120/1121, one-api",
    ),
    Rule(
        id="account-closed-text",
        outcome=Outcome.FORBIDDEN,
        phrases=phrases(
            r"(?:account|organi[sz]ation|team|user|project|workspace|resource|access) "
            r"(?:has been |is |was )?(?:been )?(?:temporarily )?"
            r"(?:disabled|suspended|blocked|banned|deactivated|terminated|restricted|locked)",
        ),
        source="Anthropic 400, OpenAI 403, Azure 403, Groq 400",
    ),
    Rule(
        id="region-text",
        outcome=Outcome.FORBIDDEN,
        phrases=phrases(
            r"not (?:available|supported|allowed|permitted|offered) (?:in|for|from) (?:your|this) "
            r"(?:current )?(?:country|region|territory|location|area)",
            r"(?:country|region|territory|location)\b.{0,40}\bnot (?:supported|allowed|permitted)",
            r"geo-?(?:blocked|restricted|restriction)",
        ),
        source="OpenAI 403, Gemini 400 FAILED_PRECONDITION, OpenRouter region_restricted",
    ),
    Rule(
        id="network-text",
        outcome=Outcome.FORBIDDEN,
        phrases=phrases(
            r"ip (?:address )?.{0,60}"
            r"(?:not (?:allowed|authori[sz]ed|permitted)|blocked|banned|denied)",
            r"(?:virtual network|firewall) rules?|private endpoint|public access is disabled",
        ),
        source="OpenAI 401 (IP allow-list), Azure 403, Google API key restrictions",
    ),
)

STATE_RULES = (
    # Before the words for a start-up and for a gateway: what died tells its own last words.
    Rule(
        id="runner-text",
        outcome=Outcome.SERVER_ERROR,
        phrases=phrases(
            r"encountered while running the model",
            r"(?:runner|llama-server)(?: process)? (?:has |is |was )?(?:unexpectedly )?"
            r"(?:terminated|stopped|exited|crashed|died|failed|no longer running)",
            r"error reading (?:llm|llama-server)(?: \w+)? response",
            r"(?:health resp|request|predict): (?:get|post) \W?http://127\.0\.0\.1",
            r"(?:error|failed|failure) loading (?:the )?model",
        ),
        source="Ollama 500 and in the stream: the process that runs the model broke down",
    ),
    Rule(
        id="not-ready-text",
        outcome=Outcome.NOT_READY,
        phrases=phrases(
            r"(?:is |are |still |currently |llm server )(?:loading|cold|warming up|scaling up|"
            r"starting(?: up)?|initiali[sz]ing|provisioning|booting|deploying|being deployed)",
            r"loading model|model (?:is )?(?:unloaded|loading)|no models? loaded|scaled to zero",
            r"(?:model|deployment|instance|server|service|endpoint|replica)\b.{0,60}\b"
            r"not (?:yet |currently )?(?:ready|loaded)",
            r"still building or deploying|cold start(?:ing)?",
        ),
        source="llama.cpp 503, Fireworks 503, Bedrock 429, Featherless 400, Hugging Face 503",
    ),
    Rule(
        id="filtered-text",
        outcome=Outcome.FILTERED,
        phrases=phrases(
            r"content[ -](?:filter(?:ing|ed|s)?|moderation|management policy|policy|safety)",
            r"content exists risk|considered high risk",
            r"blocked (?:input|output|prompt)|(?:deny|block)-?listed (?:token|word)s?",
            r"flagged (?:as|for|by)|(?:input|prompt|output|content) (?:was |has been )?flagged",
            r"violat\w+ .{0,60}(?:polic(?:y|ies)|guidelines|filters?)",
            r"(?:inappropriate|sensitive|unsafe|harmful|prohibited) (?:content|information|words?)",
            r"safety (?:filters?|system|settings?|reasons?|polic(?:y|ies))",
            r"blocked (?:by|due to|because of) .{0,40}"
            r"(?:safety|moderation|polic(?:y|ies)|filters?)",
            r"responsible ai|requires moderation",
        ),
        source="Azure 400, DeepSeek 400, OpenAI 400, OpenRouter 403, DashScope, Ark, Cohere 498",
    ),
    Rule(
        id="filtered-chinese",
        outcome=Outcome.FILTERED,
        phrases=anywhere("敏感|涉敏|绿网", "内容安全|不安全", "违规", "被认为是高风险"),
        source="Zhipu 1301, MiniMax 1026/1027, DashScope data_inspection_failed, Moonshot 400",
    ),
    Rule(
        id="routing-constraint-text",
        outcome=Outcome.INVALID_REQUEST,
        phrases=phrases(
            r"no endpoints (?:found|available) (?:that|matching|which|with)",
            r"no allowed providers are available",
        ),
        source="OpenRouter 404: our own routing constraint leaves nothing",
    ),
    Rule(
        id="model-text",
        outcome=Outcome.MODEL_UNAVAILABLE,
        phrases=phrases(
            r"(?:models?|deployment|engine|inference profile)\b.{0,160}?\b(?:not (?:be )?found|"
            r"(?:does not|doesn't|not) exist|no longer (?:available|supported|exists?)|"
            r"not deployed|"
            r"(?:has|have) been (?:deprecated|decommissioned|retired|removed|discontinued|sunset)|"
            r"(?:is|was) (?:deprecated|decommissioned|retired|removed|discontinued|shut down)|"
            r"end of (?:its )?life)",
            r"(?:model|deployment)(?: \S+)? (?:is (?:unknown|not available|invalid|disabled)|"
            r"(?:is )?not supported)",
            r"(?:unknown|invalid|unsupported|unrecogni[sz]ed|no such|not found the|cannot find|"
            r"could not find|unable to find) (?:the )?(?:model|deployment)"
            r"(?! \w*(?:param|input|resp))",
            r"is not a valid model|try pulling it first|no endpoints found for",
            r"^model: [\w.:/@-]+$",
            r"function\b.{0,100}\bnot found for account",
        ),
        source="OpenAI, Anthropic 404, Gemini 404, Ollama 404, vLLM 404, Fireworks, NVIDIA",
    ),
    Rule(
        id="model-chinese",
        outcome=Outcome.MODEL_UNAVAILABLE,
        phrases=anywhere(
            "模型.{0,30}(?:不存在|下线|未找到)", "无可用渠道", "^API .{1,60}(?:已下线|不存在)"
        ),
        source="Zhipu 1211/1221/1222, one-api",
    ),
    Rule(
        id="forbidden-text",
        outcome=Outcome.FORBIDDEN,
        phrases=phrases(
            r"permissions? (?:is |was )?(?:denied|required)|insufficient permissions?",
            r"(?:does|do) ?n[o']t have (?:the |any |enough |sufficient |required |necessary )*"
            r"(?:permissions?|access)",
            r"not (?:authori[sz]ed|permitted|allowed) to (?:perform|access|use|call|invoke|view)",
            r"access (?:is |was )?(?:denied|forbidden|blocked|terminated|not allowed)",
            r"has not been used in project|use case details",
            r"only (?:available|authori[sz]ed) for|forbidden",
        ),
        source="Bedrock 403, Gemini 403, xAI 403, Anthropic 403, Moonshot 403, Ark 403",
    ),
    Rule(
        id="forbidden-chinese",
        outcome=Outcome.FORBIDDEN,
        phrases=anywhere(
            "无权|没有权限|权限不足",
            "未开通|禁止访问|暂未开放|被策略阻止|地区.{0,10}不支持|不支持.{0,10}地区",
        ),
        source="Zhipu 1220/1300/1311, DashScope 403, Ark",
    ),
)

TRAFFIC_RULES = (
    Rule(
        id="rate-text",
        outcome=Outcome.RATE_LIMITED,
        phrases=phrases(
            r"rate[ -]?limit(?:s|ed|ing)?|too many requests|throttl(?:ed|ing|e)|slow down",
            r"(?:requests?|tokens?|calls?|queries) ?(?:per|/) ?(?:second|minute|min|hour|day)",
            r"too many (?:input |output )?tokens, please wait|provisioned throughput",
            r"request (?:rate|limit|frequency)|server limit exceeded|too (?:frequent(?:ly)?|fast)",
            r"(?:rpm|tpm|qps|rpd|tpd) (?:limit|exceeded)|wait and try again later",
        ),
        source="OpenAI, Anthropic, Azure 429, Groq, Cohere, Bedrock, Vertex, OpenRouter, Qianfan",
    ),
    Rule(
        id="rate-chinese",
        outcome=Outcome.RATE_LIMITED,
        phrases=anywhere(
            "速率(?:限制|达到上限|超限)|请求(?:频率|频次|速率)|限[流速频]|并发",
            "频[率次](?:过高|过快|超限|受限)|请求(?:过多|过于频繁|太频繁)",
            "(?:TPM|RPM|QPS) ?(?:限制|超限|上限)|连接数限制",
        ),
        source="Zhipu 1302/1303/1313, MiniMax 1002/1039/2045, DeepSeek 429, DashScope, one-api",
    ),
    Rule(
        id="timeout-text",
        outcome=Outcome.TIMEOUT,
        phrases=phrases(
            r"tim(?:ed?|ing)[ -]?out|\w*timeout\w*|"
            r"deadline (?:was |has been |is )?(?:exceeded|expired)",
            r"took too long|(?:request|context|operation) (?:was |has been )?cancell?ed",
        ),
        source="Gemini 504, Bedrock 408, Envoy 504, API Gateway 504, Ollama 499, Together 504",
    ),
    Rule(
        id="context-text",
        outcome=Outcome.INVALID_REQUEST,
        phrases=phrases(
            r"context (?:length|window|size)|context (?:is )?too long|max(?:imum)? context",
            r"too many (?:input |total )?tokens|input token count|(?:model )?token limit",
            r"(?:prompt|input|messages?|content|request|payload)\b.{0,40}\btoo (?:long|large)",
            r"exceed(?:s|ed|ing)? (?:the )?(?:max(?:imum)?|model|allowed)\b.{0,40}"
            r"(?:tokens?|length|size)",
            r"maximum (?:number of )?(?:input |prompt |allowed )?(?:tokens|length|size)|max length",
            r"reduce the length",
        ),
        source="OpenAI, Anthropic 400, Gemini 400, Together 403, Cohere 400, vLLM, Mistral",
    ),
    Rule(
        id="context-chinese",
        outcome=Outcome.INVALID_REQUEST,
        phrases=anywhere(
            "(?:Prompt|提示词|输入|消息|文本|内容|tokens?)(?:的?长度)? ?(?:超长|过长|超限)",
            "(?:超过|超出).{0,16}(?:最大|最长|上下文).{0,8}(?:长度|窗口|限制|token)",
        ),
        source="Zhipu 1261, Moonshot 400",
    ),
    Rule(
        id="timeout-chinese",
        outcome=Outcome.TIMEOUT,
        phrases=anywhere("超时"),
        source="one-api, DashScope",
    ),
)
