/**
 * Codes, types and names by what they mean, in lower case: error codes and types of the providers, names of
 * the SDKs' exceptions, codes of Node.js and undici.
 */
export const PREVIOUS_RESPONSE_CODES = ['previous_response_not_found'] as const;

export const OVERLOADED_CODES = [
  'overloaded_error', // Anthropic
  'overloaded',
  'engine_overloaded',
  'engine_overloaded_error',
  'modelnotreadyexception', // Bedrock, at 429
  'nocapacity', // Azure, at 429
] as const;

export const CONTENT_FILTER_CODES = [
  'content_filter',
  'content_policy_violation',
  'moderation_blocked',
  'responsibleaipolicyviolation', // Azure
  'moderation', // OpenRouter
  'contentfilterfinishreasonerror', // OpenAI SDK
] as const;

export const MISSING_KEY_CODES = ['ai_loadapikeyerror', 'credentialsprovidererror'] as const;

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
] as const;

export const FORBIDDEN_CODES = [
  'permission_error',
  'permission_denied',
  'accessdeniedexception',
  'forbidden',
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
] as const;

export const PROVIDER_DISABLED_CODES = ['provider_disabled'] as const;

/** `AbortSignal.timeout`: a DOMException with its legacy code. */
export const DEADLINE_CODES = ['timeouterror 23'] as const;

export const TIMEOUT_CODES = [
  'timeout_error',
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
] as const;
