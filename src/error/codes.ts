/**
 * Error codes by meaning, in lower case: codes and types of providers, exception names of SDKs, codes of Node.js and
 * undici.
 */
export const PREVIOUS_RESPONSE_CODES = ['previous_response_not_found'] as const;

export const OVERLOADED_CODES = [
  'overloaded_error', // Anthropic
  'overloaded',
  'engine_overloaded',
  'engine_overloaded_error',
  'modelnotreadyexception', // Bedrock, at 429
  'nocapacity', // Azure, at 429
  'insufficient_system_resource', // DeepSeek
  'serveroverloaded', // Volcengine
] as const;

export const CONTENT_FILTER_CODES = [
  'content_filter',
  'content_policy_violation',
  'moderation_blocked',
  'responsibleaipolicyviolation', // Azure
  'moderation', // OpenRouter
  'contentfilterfinishreasonerror', // OpenAI SDK
  'refusedcontenterror', // of this package
  'sensitive', // Zhipu
  'data_inspection_failed', // Alibaba
  'datainspectionfailed',
  'sensitivecontentdetected', // Volcengine
] as const;

export const MISSING_KEY_CODES = [
  'ai_loadapikeyerror',
  'credentialsprovidererror', // AWS SDK
  'credentialserror',
] as const;

export const USAGE_LIMIT_CODES = [
  'insufficient_quota',
  'billing_error',
  'billing_not_active',
  'billing_hard_limit_reached',
  'billing_disabled',
  'usage_limit_reached',
  'usage_not_included',
  'insufficient_balance',
  'insufficient_credits',
  'payment_required',
  'servicequotaexceededexception',
  'insufficient_user_quota',
  'exceeded_current_quota_error', // Moonshot
  'budget_exceeded', // LiteLLM
  'arrearage', // Alibaba
  'accountoverdueerror', // Volcengine
  'insufficient_funds', // Vercel
] as const;

export const UNAUTHORIZED_CODES = [
  'authentication_error',
  'invalid_api_key',
  'api_key_invalid', // Google, at 400
  'unauthenticated',
  'unauthorized',
  'unrecognizedclientexception',
  'invalidsignatureexception',
  'expiredtokenexception',
  'missingauthenticationtokenexception',
  'invalid_grant',
  'authenticationerror', // OpenAI and Anthropic SDKs
  'invalid_authentication_error', // Moonshot
  'invalidapikey', // Alibaba
  'wrong_api_key', // Cerebras
] as const;

export const FORBIDDEN_CODES = [
  'permission_error',
  'permission_denied',
  'accessdeniedexception',
  'forbidden',
  'permissiondeniederror', // OpenAI and Anthropic SDKs
  'accessdenied',
  'forbiddenexception', // AWS
] as const;

export const RATE_LIMIT_CODES = [
  'rate_limit_error',
  'rate_limit_exceeded',
  'rate_limited',
  'ratelimitreached',
  'too_many_requests',
  'resource_exhausted',
  'throttlingexception',
  'toomanyrequestsexception',
  'slow_down',
  'ratelimiterror', // OpenAI and Anthropic SDKs
  'rate_limit_reached_error', // Moonshot
  'ratelimitexceeded',
  'throttling', // Alibaba
  'throttling.ratequota',
  'throttling.allocationquota',
  'model_rate_limit', // LangChain
] as const;

export const PROVIDER_DISABLED_CODES = ['provider_disabled'] as const;

/** `AbortSignal.timeout()` throws a DOMException with the legacy code 23. */
export const DEADLINE_CODES = ['timeouterror 23'] as const;

export const TIMEOUT_CODES = [
  'timeout_error',
  'timeout', // Cohere's finish reason
  'request_timeout',
  'gateway_timeout',
  'deadline_exceeded',
  'unavailable',
  'service_unavailable',
  'service_unavailable_error',
  'bad_gateway',
  'serviceunavailableexception',
  'modeltimeoutexception',
  'apiconnectiontimeouterror',
  'timeouterror',
] as const;

export const TRANSPORT_CODES = [
  'connection failed',
  'econnreset',
  'err_http2_stream_error',
  'err_http2_session_error',
  'err_http2_goaway_session',
  'econnrefused',
  'econnaborted',
  'epipe',
  'etimedout',
  'esockettimedout',
  'enotfound',
  'eai_again',
  'ehostunreach',
  'ehostdown',
  'enetunreach',
  'enetdown',
  'enetreset',
  'err_socket_connection_timeout',
  'err_stream_premature_close',
  'err_http2_goaway_session',
  'hpe_invalid_eof_state',
  'und_err_connect_timeout',
  'und_err_headers_timeout',
  'und_err_body_timeout',
  'und_err_socket',
  'und_err_res_content_length_mismatch',
  'und_err_prx_tls',
] as const;

/** Proxy errors of Node.js and undici. */
export const PROXY_CODE = /^(?:err_proxy_tunnel|und_err_socks5\w*)$/;

/** Certificate and TLS errors, which a retry does not fix. */
export const TLS_CODE =
  /^(?:err_ssl_\w+|err_tls_(?!handshake_timeout)\w+|eproto|cert_\w+|crl_\w+|depth_zero_self_signed_cert|self_signed_cert_in_chain|unable_to_(?:verify|get|decrypt|decode)_\w+|invalid_(?:ca|purpose)|path_length_exceeded|hostname_mismatch)$/;

export const CONFIG_CODES = [
  'model_not_found',
  'modelnotfound',
  'invalid_model',
  'unsupported_model',
  'unknown_model',
  'deploymentnotfound', // Azure
  'operationnotsupported', // Azure
  'context_length_exceeded',
  'context_exceeded',
  'request_too_large', // Anthropic
  'failed_precondition', // Google
  'service_disabled', // Google
  'resourcenotfoundexception', // Bedrock
  'ai_nosuchmodelerror',
  'ai_loadsettingerror',
  'ai_unsupportedmodelversionerror',
  'model_decommissioned', // Groq
  'contextoverflowerror', // LangChain
  'configerror', // AWS SDK 2
  'exceed_context_size_error', // llama.cpp
] as const;

export const SERVER_ERROR_CODES = [
  'api_error', // Anthropic
  'server_error', // OpenAI
  'internal_server_error',
  'internal', // Google
  'internalserverexception',
  'modelerrorexception',
  'modelstreamerrorexception',
] as const;

export const CANCELLED_CODES = [
  'aborterror',
  'abort_err',
  'und_err_abort',
  'und_err_aborted',
  'apiuseraborterror', // OpenAI and Anthropic SDKs
  'responseaborted', // Next.js
  'cancelederror', // axios
  'err_canceled',
  'cancelled', // gRPC
  'modelaborterror', // LangChain
  'model_aborted',
] as const;

/** Codes of a rejected request, for errors without a status. */
export const REJECTED_CODES = [
  'invalid_request_error',
  'invalid_function_parameters',
  'invalid_argument',
  'invalidparameter',
  'badrequesterror',
  'unprocessableentityerror',
  'validationexception',
] as const;

/** MiniMax's numeric codes and their equivalents. */
export const MINIMAX_CODES: ReadonlyMap<unknown, string> = new Map([
  [1001, 'timeout_error'],
  [1002, 'rate_limited'],
  [1004, 'unauthorized'],
  [1008, 'insufficient_balance'],
  [1013, 'internal'],
  [1026, 'sensitive'],
  [1027, 'sensitive'],
  [1039, 'rate_limited'],
  [1041, 'rate_limited'],
  [2045, 'rate_limited'],
  [2049, 'invalid_api_key'],
  [2056, 'usage_limit_reached'],
]);

export const BAIDU_CODES: ReadonlyMap<unknown, string> = new Map([
  [4, 'rate_limited'],
  [6, 'permission_denied'],
  [17, 'usage_limit_reached'],
  [18, 'rate_limited'],
  [19, 'usage_limit_reached'],
  [110, 'unauthorized'],
  [111, 'unauthorized'],
  [336100, 'overloaded'],
  [336501, 'rate_limited'],
  [336502, 'rate_limited'],
]);

export const GRPC_CODES: ReadonlyMap<unknown, string> = new Map([
  [1, 'CANCELLED'],
  [3, 'INVALID_ARGUMENT'],
  [4, 'DEADLINE_EXCEEDED'],
  [5, 'NOT_FOUND'],
  [7, 'PERMISSION_DENIED'],
  [8, 'RESOURCE_EXHAUSTED'],
  [9, 'FAILED_PRECONDITION'],
  [13, 'INTERNAL'],
  [14, 'UNAVAILABLE'],
  [16, 'UNAUTHENTICATED'],
]);
