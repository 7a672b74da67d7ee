"""Numbers that a provider gives its own meaning; they say nothing at any other provider."""

from dataclasses import dataclass

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import Rule, codes, providers


@dataclass(frozen=True, slots=True)
class _Vendor:
    """A provider's table: its names, where the table stands, its numbers by their meaning."""

    prefix: str
    names: frozenset[str]
    source: str
    numbers: dict[Outcome, str]

    def rules(self) -> tuple[Rule, ...]:
        return tuple(
            Rule(
                id=f"{self.prefix}-{outcome.replace('_', '-')}",
                outcome=outcome,
                codes=codes(numbers),
                providers=self.names,
                source=self.source,
            )
            for outcome, numbers in self.numbers.items()
        )


_VENDORS = (
    _Vendor(
        "zhipu",
        providers("zhipu", "zhipuai", "zai", "bigmodel", "glm"),
        "Zhipu / Z.ai business error codes",
        {
            Outcome.OVERLOADED: "1305 1312",
            Outcome.RATE_LIMITED: "1302 1303 1313",
            Outcome.QUOTA_EXHAUSTED: "1113 1304 1308 1309 1310",
            Outcome.UNAUTHORIZED: "1000 1001 1002 1003 1004",
            Outcome.FORBIDDEN: "1110 1111 1112 1120 1121 1220 1300 1311",
            Outcome.MODEL_UNAVAILABLE: "1211 1221 1222",
            Outcome.INVALID_REQUEST: "1210 1212 1213 1214 1215 1231 1261",
            Outcome.FILTERED: "1301",
            Outcome.SERVER_ERROR: "1200 1230 1234",
        },
    ),
    _Vendor(
        "minimax",
        providers("minimax", "minimaxi"),
        "MiniMax base_resp.status_code",
        {
            Outcome.RATE_LIMITED: "1002 1039 1041 2045",
            Outcome.QUOTA_EXHAUSTED: "1008 1028 1030 2056",
            Outcome.UNAUTHORIZED: "1004 2049",
            Outcome.FORBIDDEN: "2061",
            Outcome.FILTERED: "1026 1027",
            Outcome.INVALID_REQUEST: "1042 2013",
            Outcome.TIMEOUT: "1001",
            Outcome.SERVER_ERROR: "1000 1013 1024 1033",
        },
    ),
    _Vendor(
        "mistral",
        providers("mistral", "mistralai"),
        "Mistral error glossary: the code is a string of digits",
        {
            Outcome.OVERLOADED: "3505",
            Outcome.RATE_LIMITED: "1300",
            Outcome.MODEL_UNAVAILABLE: "1500",
        },
    ),
    _Vendor(
        "siliconflow",
        providers("siliconflow", "siliconcloud"),
        "SiliconFlow error codes",
        {
            Outcome.OVERLOADED: "50505 50508",
            Outcome.QUOTA_EXHAUSTED: "30001",
            Outcome.MODEL_UNAVAILABLE: "20012 30003",
            Outcome.INVALID_REQUEST: "20015",
        },
    ),
    _Vendor(
        "workers-ai",
        providers("cloudflare", "workersai"),
        "Cloudflare Workers AI internal codes",
        {
            Outcome.OVERLOADED: "3040",
            Outcome.QUOTA_EXHAUSTED: "3036",
            Outcome.UNAUTHORIZED: "10000 10001",
            Outcome.FORBIDDEN: "3023 3041 5016 5018",
            Outcome.MODEL_UNAVAILABLE: "3042 5007",
            Outcome.INVALID_REQUEST: "3003 3006 3039 5004 5005 5006 5019",
            Outcome.TIMEOUT: "3007 3008",
        },
    ),
    _Vendor(
        "qianfan",
        providers("baidu", "qianfan", "wenxin", "ernie"),
        "Baidu Qianfan error_code",
        {
            Outcome.OVERLOADED: "2 336100",
            Outcome.RATE_LIMITED: "4 18 336501 336502",
            Outcome.QUOTA_EXHAUSTED: "17 19",
            Outcome.UNAUTHORIZED: "13 14 15 110 111 336004",
            Outcome.FORBIDDEN: "6",
            Outcome.INVALID_REQUEST: "100 336002 336003 336006 336103",
            Outcome.SERVER_ERROR: "1 336000 336001",
        },
    ),
)

VENDOR_RULES = tuple(rule for vendor in _VENDORS for rule in vendor.rules())
