"""Sentences about quotas, credits and bills, and which of them are a rate in disguise."""

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import Rule, anywhere, codes, phrases

#: Before the codes: Google gives one code to a minute's quota, a day's and an empty account.
QUOTA_KIND_RULES = (
    Rule(
        id="google-quota-day",
        outcome=Outcome.QUOTA_EXHAUSTED,
        phrases=anywhere(r"per_day|PerDay"),
        source="Gemini QuotaFailure.quotaId",
    ),
    Rule(
        id="google-quota-minute",
        outcome=Outcome.RATE_LIMITED,
        phrases=anywhere(
            r"per_(?:minute|second)|Per(?:Minute|Second)",
            r"quota exceeded for aiplatform\.googleapis\.com/",
        ),
        source="Gemini QuotaFailure.quotaId; Vertex counts its quotas by the minute",
    ),
    Rule(
        id="quota-of-a-minute",
        outcome=Outcome.RATE_LIMITED,
        phrases=phrases(
            r"quota\b.{0,160}\bper (?:minute|second)",
            r"limited to \d+ (?:api )?calls / (?:minute|second)",
        ),
        source="Vertex, Cohere trial keys",
    ),
    Rule(
        id="google-prepaid-empty",
        outcome=Outcome.QUOTA_EXHAUSTED,
        codes=codes("RESOURCE_EXHAUSTED"),
        statuses=frozenset({402}),
        source="Gemini 402: prepaid balance is used up",
    ),
)

MONEY_RULES = (
    Rule(
        id="balance-text",
        outcome=Outcome.QUOTA_EXHAUSTED,
        phrases=phrases(
            r"insufficient (?:\w+ ){0,2}(?:balance|credits?|funds?|quota)",
            r"(?:balance|credits?|funds?) (?:is |are |was |has been |have )?(?:too low|"
            r"insufficient|exhausted|depleted|expired|not enough|used up|run out|negative|empty)",
            r"not enough (?:\w+ )?(?:balance|credits?|funds?)",
            r"(?:no|any|out of|used all(?: of)?(?: your)?) (?:more |available |remaining )?"
            r"credits?",
            r"requires? more credits|can only afford|prepa(?:y|id) .{0,30}(?:depleted|exhausted)",
        ),
        source="DeepSeek 402, Anthropic 400, OpenAI 429, xAI 403/429, OpenRouter 402, DeepInfra",
    ),
    Rule(
        id="spend-limit-text",
        outcome=Outcome.QUOTA_EXHAUSTED,
        phrases=phrases(
            r"(?:spend|spending|billing|credit|usage|budget|cost) (?:hard )?"
            r"(?:limits?|cap|threshold)",
            r"(?:exceeded ?budget|budget (?:has been |was |is )?(?:exceeded|exhausted|reached))",
            r"key limit exceeded",
            r"premium request allowance",
        ),
        source="Together 402, Anthropic 400, xAI 429, LiteLLM, OpenRouter 403, GitHub Copilot",
    ),
    Rule(
        id="quota-text",
        outcome=Outcome.QUOTA_EXHAUSTED,
        phrases=phrases(
            r"exceed(?:s|ed) (?:your |the |its )?(?:current |monthly |weekly |daily |free |trial |"
            r"allocated |account |included |plan |service )*(?:quota|credits)",
            r"quota (?:has been |is |was )?(?:exceeded|exhausted|used up|insufficient)",
            r"free (?:quota|trial|tier|allocation)(?: tier)?.{0,40}"
            r"(?:exhausted|exceeded|used up|expired|ended)",
            r"used up your .{0,40}(?:allocation|quota|allowance)",
            r"free quota tier",
            r"calls? (?:/|per) month|per (?:calendar )?month|monthly (?:limit|quota|cap|allowance)",
        ),
        source="OpenAI 429, Moonshot 403, Gemini 429, Hugging Face 402, Workers AI, Cohere 429",
    ),
    Rule(
        id="bill-text",
        outcome=Outcome.QUOTA_EXHAUSTED,
        phrases=phrases(
            r"(?:check|update|verify) your (?:plan and )?billing",
            r"billing (?:is not|isn't|not) (?:active|enabled)|(?:enable|activate|set up) billing",
            r"payment (?:is )?required|payment method",
            r"(?:unpaid|past) (?:due|invoices?)|overdue|arrears",
            r"top[ -]?up|recharge your|(?:purchase|buy) (?:more |additional )?credits",
            r"account .{0,60}suspended\b.{0,80}\b(?:billing|payment|spending|invoices?)",
            r"subscription (?:has )?(?:expired|ended|lapsed)|requires? a (?:paid )?subscription",
        ),
        source="Fireworks 412, Qianfan 403, Ark 403, Moonshot 429, NVIDIA 402, Ollama cloud",
    ),
    Rule(
        id="money-chinese",
        outcome=Outcome.QUOTA_EXHAUSTED,
        phrases=anywhere(
            "余额(?:不足|已用完)|欠费|请充值",
            "额度(?:不足|已?用尽|已?用完|已?耗尽)|预扣费额度失败",
            "使用上限|调用次数(?:已达)?(?:限额|上限)|套餐已(?:到期|过期)|资源包(?:已|不足)",
        ),
        source="Zhipu 1113/1304/1308/1309/1310, MiniMax 1008, DeepSeek 402, DashScope, one-api",
    ),
)
