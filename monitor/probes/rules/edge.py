"""Pages of load balancers and CDNs: the provider's API never saw the request."""

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import NO_ANSWER, Form, Rule, codes, phrases

_CONNECT_WORDS = (
    r"connection (?:was |is )?(?:refused|reset|closed|aborted|error|termination)",
    r"all connection attempts failed",
    r"econn(?:refused|reset|aborted)|enotfound|ehostunreach|eai_again|epipe",
    r"name or service not known|nodename nor servname|temporary failure in name resolution",
    r"getaddrinfo|no route to host|network is unreachable",
    r"certificate (?:verify failed|has expired)|(?:tls|ssl) (?:handshake|error)",
)
_CUT_WORDS = (
    r"peer closed connection",
    r"incomplete (?:chunked |message )?(?:read|body)|incompleteread",
    r"premature(?:ly)? (?:close|closed|end|eof)|unexpected (?:eof|end of (?:file|stream))",
)

EDGE_RULES = (
    Rule(
        id="edge-challenge",
        outcome=Outcome.FORBIDDEN,
        codes=codes("cf_mitigated"),
        source="Cloudflare: cf-mitigated marks a challenge page; our address was taken for a bot",
    ),
    Rule(
        id="edge-challenge-page",
        outcome=Outcome.FORBIDDEN,
        form=Form.HTML,
        phrases=phrases(
            r"just a moment",
            r"attention required",
            r"access denied",
            r"you have been blocked",
            r"(?:checking|verifying) (?:your browser|you are human)",
        ),
        source="Cloudflare, Akamai and Imperva block pages",
    ),
    Rule(
        id="edge-block-code",
        outcome=Outcome.FORBIDDEN,
        codes=codes(
            "cloudflare_1003 cloudflare_1005 cloudflare_1006 cloudflare_1007 cloudflare_1008",
            "cloudflare_1009 cloudflare_1010 cloudflare_1012 cloudflare_1015 cloudflare_1020",
            "cloudflare_1025 cloudflare_1106",
        ),
        source="Cloudflare 1xxx errors: banned, country, browser signature, rate rule, firewall",
    ),
    Rule(
        id="edge-origin-code",
        outcome=Outcome.GATEWAY_ERROR,
        codes=codes(
            "cloudflare_1000 cloudflare_1001 cloudflare_1002 cloudflare_1004 cloudflare_1014",
            "cloudflare_1016 cloudflare_1018 cloudflare_1019 cloudflare_1023 cloudflare_1033",
            "cloudflare_1101 cloudflare_1102 cloudflare_1200",
        ),
        source="Cloudflare 1xxx errors: DNS, tunnel and worker of the origin",
    ),
    Rule(
        id="edge-rate-page",
        outcome=Outcome.FORBIDDEN,
        form=Form.HTML,
        codes=codes("via_cloudflare"),
        statuses=frozenset({429}),
        source="Cloudflare 429 page: the site's rule against our address, not the API's limit",
    ),
    Rule(
        id="edge-timeout-page",
        outcome=Outcome.TIMEOUT,
        form=Form.HTML,
        statuses=frozenset({524}),
        source="Cloudflare 524: the origin took longer than 100 s",
    ),
    Rule(
        id="edge-page",
        outcome=Outcome.GATEWAY_ERROR,
        form=Form.HTML,
        statuses=frozenset({500, 502, 503, 504, *range(520, 528), 530}),
        source="nginx, AWS, Cloudflare 5xx pages",
    ),
    Rule(
        id="edge-page-title",
        outcome=Outcome.GATEWAY_ERROR,
        form=Form.HTML,
        phrases=phrases(
            r"bad gateway", r"gateway time-?out", r"service (?:temporarily )?unavailable"
        ),
        source="the same pages behind a proxy that answers 200",
    ),
    Rule(
        id="unanswered-cut",
        outcome=Outcome.TRUNCATED,
        phrases=phrases(*_CUT_WORDS),
        statuses=frozenset({NO_ANSWER}),
        source="httpx and aiohttp exceptions of a body that broke off",
    ),
    Rule(
        id="unanswered-connection",
        outcome=Outcome.UNREACHABLE,
        phrases=phrases(*_CONNECT_WORDS, r"connecterror", r"server disconnected"),
        statuses=frozenset({NO_ANSWER}),
        source="exceptions of clients that got no answer",
    ),
)

GATEWAY_RULES = (
    Rule(
        id="gateway-text",
        outcome=Outcome.GATEWAY_ERROR,
        phrases=phrases(
            r"bad gateway",
            r"(?:upstream connect|remote protocol|network) error",
            r"no healthy upstream|upstream (?:unavailable|prematurely closed|closed connection)",
            r"socket hang up|fetch failed|server disconnected|origin (?:dns|is unreachable)",
            *_CONNECT_WORDS,
            *_CUT_WORDS,
        ),
        source="Envoy, nginx and Node proxies that relay how their own connection failed",
    ),
)
