"""Codes that mean one thing wherever they stand. Catch-all codes are in `fallback`."""

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import Rule, codes

CODE_RULES = (
    Rule(
        id="in-flight-budget",
        outcome=Outcome.RATE_LIMITED,
        codes=codes("in_flight_budget_exhausted", "openrouter_in_flight_budget"),
        source="OpenRouter 402: passes when the requests under way end",
    ),
    Rule(
        id="not-ready-code",
        outcome=Outcome.NOT_READY,
        codes=codes(
            "ModelNotReadyException DEPLOYMENT_SCALING_UP DEPLOYMENT_SCALED_TO_ZERO",
            "model_loading loading cold_start IN_QUEUE warming_up",
        ),
        source="Bedrock 429, Fireworks 503, Featherless 400, RunPod 200",
    ),
    Rule(
        id="timeout-code",
        outcome=Outcome.TIMEOUT,
        codes=codes(
            "timeout_error request_timeout DEADLINE_EXCEEDED ModelTimeoutException",
            "GatewayTimeoutException upstream_timeout InternalError.Timeout",
            "response_time_exceeded stream_timeout APITimeoutError",
        ),
        source="Anthropic 504, Gemini 504, Bedrock 408, API Gateway 504, DashScope, OpenRouter",
    ),
    Rule(
        id="quota-code",
        outcome=Outcome.QUOTA_EXHAUSTED,
        codes=codes(
            "insufficient_quota credit_balance_exhausted exceeded_current_quota_error",
            "organization_spend_limit_exceeded project_spend_limit_exceeded",
            "organization_usage_limit_exceeded enforced_spend_limit_reached",
            "billing_error billing_not_active billing_hard_limit_reached",
            "BILLING_DISABLED payment_required budget_exceeded quota_exceeded",
            "usage_limit_reached usage_limit_exceeded FreeUsageLimitError",
            "insufficient_balance insufficient_credits insufficient_funds",
            "NOT_ENOUGH_BALANCE CreditsError credit_limit out_of_credits",
            "ServiceQuotaExceededException AccountOverdueError account_overdue",
            "Arrearage PrepaidBillOverdue PostpaidBillOverdue SetLimitExceeded",
            "OperationDenied.ServiceOverdue AllocationQuota.FreeTierOnly",
            "weight_exceeds_budget openrouter_credits openrouter_guardrail_budget",
            "openrouter_workspace_budget openrouter_key_limit blocked_api_access",
            "insufficient_user_quota pre_consume_token_quota_failed",
        ),
        source="OpenAI, Anthropic, Moonshot, Bedrock, Ark, DashScope, OpenRouter, Together",
    ),
    Rule(
        id="filtered-code",
        outcome=Outcome.FILTERED,
        codes=codes(
            "content_filter content_filtered content_filter_error refusal",
            "content_policy_violation ContentPolicyViolationError moderation_blocked",
            "ResponsibleAIPolicyViolation data_inspection_failed guardrail_intervened",
            "SensitiveContentDetected InputTextSensitiveContentDetected",
            "OutputTextSensitiveContentDetected sensitive_words_detected",
            "prompt_blocked flagged_input bio_policy cyber_policy_violation",
        ),
        source="OpenAI, Azure, Moonshot, DashScope, Ark, Bedrock, OpenRouter, Gemini blockReason",
    ),
    Rule(
        id="unauthorized-code",
        outcome=Outcome.UNAUTHORIZED,
        codes=codes(
            "authentication_error invalid_authentication_error auth_error",
            "invalid_api_key incorrect_api_key_error missing_api_key api_key_invalid",
            "API_KEY_EXPIRED UNAUTHENTICATED ACCESS_TOKEN_EXPIRED CREDENTIALS_MISSING",
            "ACCESS_TOKEN_TYPE_UNSUPPORTED invalid_token token_expired expired_token",
            "UnrecognizedClientException InvalidSignatureException IncompleteSignature",
            "SignatureDoesNotMatch MissingAuthenticationToken InvalidClientTokenId",
            "RequestExpired invalid_credentials token_not_found_in_db expired_key",
            "FAILED_TO_AUTH AuthFailure no_api_key",
        ),
        source="Anthropic, OpenAI, Moonshot, Groq, Gemini, Bedrock, DashScope, LiteLLM, Novita",
    ),
    Rule(
        id="forbidden-code",
        outcome=Outcome.FORBIDDEN,
        codes=codes(
            "unsupported_country_region_territory request_forbidden region_restricted",
            "AccessDeniedException Model.AccessDenied IAM_PERMISSION_DENIED",
            "SERVICE_DISABLED API_KEY_SERVICE_BLOCKED API_KEY_HTTP_REFERRER_BLOCKED",
            "API_KEY_IP_ADDRESS_BLOCKED USER_PROJECT_DENIED CONSUMER_SUSPENDED",
            "access_terminated account_deactivated organization_restricted",
            "model_terms_required FTUFormNotFilled OptInRequired ip_not_authorized",
            "ModelNotOpen OperationDenied.ServiceNotOpen AccessDenied.Unpurchased",
            "InvalidEndpointOrModel.ModelIDAccessDisabled key_model_access_denied",
            "model_permission_blocked_project model_permission_blocked_org no_access",
            "customer_verification_required",
        ),
        source="OpenAI 403, OpenRouter, Bedrock 403, Google ErrorInfo, Groq, Ark, DashScope",
    ),
    Rule(
        id="routing-constraint-code",
        outcome=Outcome.INVALID_REQUEST,
        codes=codes("no_endpoints", "constraint_filtered", "privacy_restricted", "wrong_endpoint"),
        source="OpenRouter availability.code: our own routing constraint leaves nothing",
    ),
    Rule(
        id="model-code",
        outcome=Outcome.MODEL_UNAVAILABLE,
        codes=codes(
            "model_not_found ModelNotFound model_not_found_error unknown_model",
            "DeploymentNotFound model_decommissioned model_deprecated invalid_model",
            "model_not_supported model_not_available unavailable_model no_such_model",
            "unsupported_model model_not_exist model_unavailable_upstream",
            "free_variant_ended ResourceNotFoundException resource_not_found_error",
            "InvalidEndpointOrModel.NotFound InvalidEndpoint.ClosedEndpoint",
            "EngineNotFound deployment_not_found model_unavailable",
        ),
        source="OpenAI 404, Azure, Groq, GitHub Models, OpenRouter, Bedrock, Moonshot, Ark",
    ),
    Rule(
        id="context-code",
        outcome=Outcome.INVALID_REQUEST,
        codes=codes(
            "context_length_exceeded max_tokens_exceeded token_limit_exceeded",
            "string_too_long string_above_max_length exceed_context_size_error",
            "ContextWindowExceededError tokens_limit_reached request_too_large",
            "payload_too_large",
        ),
        source="OpenAI, OpenRouter, llama.cpp, LiteLLM, GitHub Models, Anthropic 413",
    ),
    Rule(
        id="parameter-code",
        outcome=Outcome.INVALID_REQUEST,
        codes=codes(
            "unsupported_value unsupported_parameter missing_required_parameter",
            "unknown_parameter invalid_value invalid_type unknown_url",
            "tool_use_failed json_validate_failed MissingParameter OperationNotSupported",
        ),
        source="OpenAI 400, Groq 400, Ark 400",
    ),
    Rule(
        id="model-error-code",
        outcome=Outcome.SERVER_ERROR,
        codes=codes(
            "ModelErrorException ModelStreamErrorException provider_unavailable",
            "incomplete_generation EngineDeadError",
        ),
        source="Bedrock 424, OpenRouter 502, TGI 500, vLLM",
    ),
)

#: After the sentences about money: wrappers call those rate limits, too.
RATE_CODE_RULES = (
    Rule(
        id="rate-code",
        outcome=Outcome.RATE_LIMITED,
        codes=codes(
            "rate_limit_exceeded rate_limit_error rate_limited RateLimitReached",
            "rate_limit_reached_error too_many_requests too_many_requests_error",
            "throttling_error ThrottlingException Throttling.RateQuota slow_down",
            "Throttling.AllocationQuota Throttling.BurstRate Throttling.User",
            "request_quota_exceeded token_quota_exceeded RequestBurstTooFast",
            "RateLimitExceeded.EndpointRPMExceeded RateLimitExceeded.EndpointTPMExceeded",
            "LimitExceededException user_model_rate_limited concurrency_limit_exceeded",
        ),
        source="OpenAI, Anthropic, Mistral, Groq, Bedrock, DashScope, Cerebras, Ark, GitHub Models",
    ),
)
