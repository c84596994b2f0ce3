/**
 * All names of attributes, events and metrics that this package emits. Standard names are copied, as
 * `@opentelemetry/semantic-conventions` advises for conventions in development such as GenAI.
 *
 * Standard: OpenTelemetry semantic conventions (`gen_ai.*`, `http.*`, `network.*`, `server.*`, `url.*`, `error.*`,
 * `exception.*`, `user.*`). Ours: `chatdebug.*`.
 */

export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_EXCEPTION_MESSAGE = 'exception.message';
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace';
export const ATTR_EXCEPTION_TYPE = 'exception.type';
/** Under development. */
export const ATTR_GEN_AI_AGENT_NAME = 'gen_ai.agent.name';
/** Under development. `true` or absent. */
export const ATTR_GEN_AI_CONVERSATION_COMPACTED = 'gen_ai.conversation.compacted';
export const ATTR_GEN_AI_CONVERSATION_ID = 'gen_ai.conversation.id';
export const ATTR_GEN_AI_INPUT_MESSAGES = 'gen_ai.input.messages';
export const ATTR_GEN_AI_OPERATION_NAME = 'gen_ai.operation.name';
export const ATTR_GEN_AI_OUTPUT_MESSAGES = 'gen_ai.output.messages';
export const ATTR_GEN_AI_OUTPUT_TYPE = 'gen_ai.output.type';
export const ATTR_GEN_AI_PROVIDER_NAME = 'gen_ai.provider.name';
export const ATTR_GEN_AI_REQUEST_CHOICE_COUNT = 'gen_ai.request.choice.count';
export const ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY = 'gen_ai.request.frequency_penalty';
export const ATTR_GEN_AI_REQUEST_MAX_TOKENS = 'gen_ai.request.max_tokens';
export const ATTR_GEN_AI_REQUEST_MODEL = 'gen_ai.request.model';
export const ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY = 'gen_ai.request.presence_penalty';
/** Under development. */
export const ATTR_GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID = 'gen_ai.request.previous_response.id';
/** Under development. */
export const ATTR_GEN_AI_REQUEST_REASONING_LEVEL = 'gen_ai.request.reasoning.level';
export const ATTR_GEN_AI_REQUEST_SEED = 'gen_ai.request.seed';
export const ATTR_GEN_AI_REQUEST_STOP_SEQUENCES = 'gen_ai.request.stop_sequences';
export const ATTR_GEN_AI_REQUEST_STREAM = 'gen_ai.request.stream';
export const ATTR_GEN_AI_REQUEST_TEMPERATURE = 'gen_ai.request.temperature';
export const ATTR_GEN_AI_REQUEST_TOP_K = 'gen_ai.request.top_k';
export const ATTR_GEN_AI_REQUEST_TOP_P = 'gen_ai.request.top_p';
export const ATTR_GEN_AI_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons';
export const ATTR_GEN_AI_RESPONSE_ID = 'gen_ai.response.id';
export const ATTR_GEN_AI_RESPONSE_MODEL = 'gen_ai.response.model';
export const ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk';
export const ATTR_GEN_AI_SYSTEM_INSTRUCTIONS = 'gen_ai.system_instructions';
export const ATTR_GEN_AI_TOOL_DEFINITIONS = 'gen_ai.tool.definitions';
/** `text`, `image`, `audio` or `unknown`. */
export const ATTR_GEN_AI_TOKEN_MODALITY = 'gen_ai.token.modality';
/** `input` or `output`. */
export const ATTR_GEN_AI_TOKEN_TYPE = 'gen_ai.token.type';
/** Tokens by modality. All under development. */
export const ATTR_GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.audio.cache_read.input_tokens';
export const ATTR_GEN_AI_USAGE_AUDIO_INPUT_TOKENS = 'gen_ai.usage.audio.input_tokens';
export const ATTR_GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS = 'gen_ai.usage.audio.output_tokens';
export const ATTR_GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.image.cache_read.input_tokens';
export const ATTR_GEN_AI_USAGE_IMAGE_INPUT_TOKENS = 'gen_ai.usage.image.input_tokens';
export const ATTR_GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS = 'gen_ai.usage.image.output_tokens';
export const ATTR_GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.text.cache_read.input_tokens';
export const ATTR_GEN_AI_USAGE_TEXT_INPUT_TOKENS = 'gen_ai.usage.text.input_tokens';
export const ATTR_GEN_AI_USAGE_TEXT_OUTPUT_TOKENS = 'gen_ai.usage.text.output_tokens';
export const ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS = 'gen_ai.usage.cache_creation.input_tokens';
export const ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.cache_read.input_tokens';
/** Under development. Replaces `cache_creation`. */
export const ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = 'gen_ai.usage.cache_write.input_tokens';
export const ATTR_GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens';
export const ATTR_GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';
export const ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = 'gen_ai.usage.reasoning.output_tokens';
export const ATTR_GEN_AI_WORKFLOW_NAME = 'gen_ai.workflow.name';
export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method';
/** Set if `http.request.method` is `_OTHER`. */
export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = 'http.request.method_original';
export const ATTR_HTTP_REQUEST_RESEND_COUNT = 'http.request.resend_count';
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const ATTR_NETWORK_PROTOCOL_NAME = 'network.protocol.name';
export const ATTR_NETWORK_PROTOCOL_VERSION = 'network.protocol.version';
/** `chat_completions` or `responses`. */
export const ATTR_OPENAI_API_TYPE = 'openai.api.type';
export const ATTR_OPENAI_REQUEST_SERVICE_TIER = 'openai.request.service_tier';
export const ATTR_OPENAI_RESPONSE_SERVICE_TIER = 'openai.response.service_tier';
export const ATTR_OPENAI_RESPONSE_SYSTEM_FINGERPRINT = 'openai.response.system_fingerprint';
export const ATTR_OTEL_COMPONENT_NAME = 'otel.component.name';
export const ATTR_OTEL_COMPONENT_TYPE = 'otel.component.type';
export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_URL_FULL = 'url.full';
export const ATTR_URL_PATH = 'url.path';
export const ATTR_USER_ID = 'user.id';

/** `http.request.header.<name>`. The value is a list, as the conventions require. */
export const PREFIX_HTTP_REQUEST_HEADER = 'http.request.header.';
/** `http.response.header.<name>`. The value is a list, as the conventions require. */
export const PREFIX_HTTP_RESPONSE_HEADER = 'http.response.header.';

/** The span event. Exceptions in log records have the event name of the failed operation. */
export const EVENT_EXCEPTION = 'exception';
export const EVENT_GEN_AI_CLIENT_OPERATION_EXCEPTION = 'gen_ai.client.operation.exception';
/** Under development. Replaces `gen_ai.client.operation.exception`. */
export const EVENT_GEN_AI_CLIENT_INFERENCE_EXCEPTION = 'gen_ai.client.inference.exception';
export const EVENT_CHATDEBUG_RUN_EXCEPTION = 'chatdebug.run.exception';
export const EVENT_ATTEMPT = 'chatdebug.attempt';

export const OPERATION_INVOKE_WORKFLOW = 'invoke_workflow';
export const OPERATION_CHAT = 'chat';

/** `gen_ai.provider.name` if the provider is unknown. The conventions require a value. */
export const PROVIDER_UNKNOWN = 'unknown';

export const ATTR_CHATDEBUG_CAPTURE = 'chatdebug.capture';
/** Names of attributes of the same span or event that were truncated or omitted because of the size limit. */
export const ATTR_CHATDEBUG_SHORTENED = 'chatdebug.shortened';
export const ATTR_CHATDEBUG_PARENT_SPAN_ID = 'chatdebug.parent_span_id';

export const ATTR_CHATDEBUG_RUN_ID = 'chatdebug.run.id';
export const ATTR_CHATDEBUG_RUN_PARENT_ID = 'chatdebug.run.parent_id';
export const ATTR_CHATDEBUG_RUN_KIND = 'chatdebug.run.kind';
export const ATTR_CHATDEBUG_RUN_STATUS = 'chatdebug.run.status';
export const ATTR_CHATDEBUG_RUN_FIRST_MESSAGE = 'chatdebug.run.first_message';
export const ATTR_CHATDEBUG_RUN_STEP_COUNT = 'chatdebug.run.step_count';
export const ATTR_CHATDEBUG_RUN_HAS_ERROR = 'chatdebug.run.has_error';
/** `unknown` if the caller of the only request of a run cannot be determined. */
export const ATTR_CHATDEBUG_RUN_CONTEXT = 'chatdebug.run.context';
export const ATTR_CHATDEBUG_RUN_ENDPOINT = 'chatdebug.run.endpoint';
export const ATTR_CHATDEBUG_CHAT_ROOT_ID = 'chatdebug.chat.root_id';
export const ATTR_CHATDEBUG_CHAT_PARENT_ID = 'chatdebug.chat.parent_id';
export const ATTR_CHATDEBUG_MODEL_CONFIG_ID = 'chatdebug.model_config.id';
export const ATTR_CHATDEBUG_TRIGGER_MESSAGE_ID = 'chatdebug.trigger_message.id';
export const ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID = 'chatdebug.history_tip_message.id';

export const ATTR_CHATDEBUG_STEP_NUMBER = 'chatdebug.step.number';
export const ATTR_CHATDEBUG_STEP_OPERATION = 'chatdebug.step.operation';
/** `possible` if a later call may be a retry of this failed step. */
export const ATTR_CHATDEBUG_STEP_RECOVERY = 'chatdebug.step.recovery';
/** Start of that later call as an ISO 8601 time, if its own span is not exported. */
export const ATTR_CHATDEBUG_STEP_RECOVERY_STARTED_AT = 'chatdebug.step.recovery_started_at';
export const ATTR_CHATDEBUG_STEP_STATUS = 'chatdebug.step.status';
export const ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT = 'chatdebug.step.attempt_count';
/** The HTTP status of each recorded attempt, in order. 0 without a response. */
export const ATTR_CHATDEBUG_STEP_ATTEMPT_STATUS_CODES = 'chatdebug.step.attempt_status_codes';
/** The number of attempts omitted from the middle because of the limit. */
export const ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT = 'chatdebug.step.attempts_left_out';

export const ATTR_CHATDEBUG_STREAM_CHUNKS = 'chatdebug.stream.chunks';
export const ATTR_CHATDEBUG_STREAM_BYTES = 'chatdebug.stream.bytes';
export const ATTR_CHATDEBUG_STREAM_SILENCE_MS = 'chatdebug.stream.silence_ms';
/** The longest time between two chunks of the body. */
export const ATTR_CHATDEBUG_STREAM_LONGEST_GAP_MS = 'chatdebug.stream.longest_gap_ms';
/** The name of the last event: its `event:` field, else the type in its data. */
export const ATTR_CHATDEBUG_STREAM_LAST_EVENT = 'chatdebug.stream.last_event';
/** Counts of the parts of a stream (full capture). */
export const ATTR_CHATDEBUG_STREAM_PARTS = 'chatdebug.stream.parts';
export const ATTR_CHATDEBUG_STREAM_TEXT_DELTAS = 'chatdebug.stream.text_deltas';
export const ATTR_CHATDEBUG_STREAM_REASONING_DELTAS = 'chatdebug.stream.reasoning_deltas';
export const ATTR_CHATDEBUG_STREAM_TOOL_CALLS = 'chatdebug.stream.tool_calls';
export const ATTR_CHATDEBUG_STREAM_SOURCES = 'chatdebug.stream.sources';
export const ATTR_CHATDEBUG_STREAM_ERRORS = 'chatdebug.stream.errors';
export const ATTR_CHATDEBUG_STREAM_LAST_ERROR = 'chatdebug.stream.last_error';

/** The structure of a failed request as JSON without content (errors capture). */
export const ATTR_CHATDEBUG_REQUEST_SHAPE = 'chatdebug.request.shape';
/** `auto`, `none`, `required` or the name of a tool. */
export const ATTR_CHATDEBUG_REQUEST_TOOL_CHOICE = 'chatdebug.request.tool_choice';
/** The number of request members that have no attribute of their own. */
export const ATTR_CHATDEBUG_REQUEST_OPTION_COUNT = 'chatdebug.request.option_count';
/** The number of messages omitted from the middle of `gen_ai.input.messages` because of the size limit. */
export const ATTR_CHATDEBUG_REQUEST_MESSAGES_LEFT_OUT = 'chatdebug.request.messages_left_out';
/** The length of structured output in UTF-16 code units. Recorded instead of the text. */
export const ATTR_CHATDEBUG_RESPONSE_TEXT_LENGTH = 'chatdebug.response.text_length';
export const ATTR_CHATDEBUG_RESPONSE_WARNINGS = 'chatdebug.response.warnings';

/** The same value for similar errors. Group by it. */
export const ATTR_CHATDEBUG_ERROR_FINGERPRINT = 'chatdebug.error.fingerprint';
/**
 * The number of similar failed runs that an exported one represents, including itself. On the run and the failed
 * step.
 */
export const ATTR_CHATDEBUG_KEPT_REPRESENTS = 'chatdebug.kept.represents';
export const ATTR_CHATDEBUG_ERROR_KIND = 'chatdebug.error.kind';
export const ATTR_CHATDEBUG_ERROR_MESSAGE = 'chatdebug.error.message';
export const ATTR_CHATDEBUG_ERROR_DETAIL = 'chatdebug.error.detail';
export const ATTR_CHATDEBUG_ERROR_RETRYABLE = 'chatdebug.error.retryable';
export const ATTR_CHATDEBUG_ERROR_RETRY_AFTER_MS = 'chatdebug.error.retry_after_ms';
export const ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS = 'chatdebug.error.provider_status';
export const ATTR_CHATDEBUG_ERROR_EXCEPTION_TYPE = 'chatdebug.error.exception_type';
export const ATTR_CHATDEBUG_ERROR_REQUEST_ID = 'chatdebug.error.request_id';

export const ATTR_CHATDEBUG_ATTEMPT_NUMBER = 'chatdebug.attempt.number';
export const ATTR_CHATDEBUG_ATTEMPT_STATUS = 'chatdebug.attempt.status';
export const ATTR_CHATDEBUG_ATTEMPT_DURATION_MS = 'chatdebug.attempt.duration_ms';
export const ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID = 'chatdebug.attempt.request_id';
export const ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS = 'chatdebug.attempt.retry_after_ms';
export const ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE = 'chatdebug.attempt.error_message';
/** `request_out_of_reach` or `response_out_of_reach` if that body could not be observed. */
export const ATTR_CHATDEBUG_ATTEMPT_BODIES = 'chatdebug.attempt.bodies';
export const ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY = 'chatdebug.attempt.request_body';
export const ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE = 'chatdebug.attempt.request_body_size';
export const ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY = 'chatdebug.attempt.response_body';
/** A `ChunkTiming` as JSON. */
export const ATTR_CHATDEBUG_ATTEMPT_CHUNK_TIMING = 'chatdebug.attempt.chunk_timing';
export const ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE = 'chatdebug.attempt.response_body_size';

/** Histograms in seconds and tokens, named by the GenAI conventions. */
export const METRIC_GEN_AI_CLIENT_OPERATION_DURATION = 'gen_ai.client.operation.duration';
export const METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK =
  'gen_ai.client.operation.time_to_first_chunk';
export const METRIC_GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK =
  'gen_ai.client.operation.time_per_output_chunk';
export const METRIC_GEN_AI_CLIENT_TOKEN_USAGE = 'gen_ai.client.token.usage';
/** Under development. Replaces `gen_ai.client.operation.duration`. */
export const METRIC_GEN_AI_CLIENT_INFERENCE_DURATION = 'gen_ai.client.inference.duration';
export const METRIC_GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK =
  'gen_ai.client.inference.time_to_first_chunk';
export const METRIC_GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK =
  'gen_ai.client.inference.time_per_output_chunk';
export const METRIC_GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS =
  'gen_ai.client.inference.operation.input_tokens';
export const METRIC_GEN_AI_CLIENT_INFERENCE_OPERATION_OUTPUT_TOKENS =
  'gen_ai.client.inference.operation.output_tokens';
export const METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS = 'gen_ai.client.inference.usage.input_tokens';
export const METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS =
  'gen_ai.client.inference.usage.output_tokens';
export const METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS =
  'gen_ai.client.inference.usage.cache_read.input_tokens';
export const METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS =
  'gen_ai.client.inference.usage.cache_write.input_tokens';
export const METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS =
  'gen_ai.client.inference.usage.reasoning.output_tokens';
export const METRIC_OTEL_SDK_EXPORTER_OPERATION_DURATION = 'otel.sdk.exporter.operation.duration';
export const METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED = 'otel.sdk.exporter.span.exported';
export const METRIC_OTEL_SDK_EXPORTER_SPAN_INFLIGHT = 'otel.sdk.exporter.span.inflight';
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED = 'otel.sdk.processor.span.processed';
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY = 'otel.sdk.processor.span.queue.capacity';
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE = 'otel.sdk.processor.span.queue.size';
export const METRIC_CHATDEBUG_RUNS = 'chatdebug.runs';
export const METRIC_CHATDEBUG_ATTEMPTS = 'chatdebug.attempts';
export const METRIC_CHATDEBUG_LIVE_RUNS = 'chatdebug.live.runs';
export const METRIC_CHATDEBUG_LIVE_BYTES = 'chatdebug.live.bytes';
export const METRIC_CHATDEBUG_STREAM_STALLS = 'chatdebug.stream.stalls';
export const METRIC_CHATDEBUG_DELIVERY_LOST = 'chatdebug.delivery.lost';

/** Of metrics only. */
export const ATTR_CHATDEBUG_RUN_DECISION = 'chatdebug.run.decision';
export const ATTR_CHATDEBUG_RUN_DECISION_REASON = 'chatdebug.run.decision_reason';
export const ATTR_CHATDEBUG_ATTEMPT_STATUS_CLASS = 'chatdebug.attempt.status_class';
export const ATTR_CHATDEBUG_DELIVERY_LOSS_REASON = 'chatdebug.delivery.loss_reason';
