/**
 * Every name this package puts on the wire. Standard names are copied rather than imported: the GenAI
 * conventions are in development, and `@opentelemetry/semantic-conventions` advises copying them.
 *
 * Standard: OpenTelemetry semantic conventions (`gen_ai.*`, `http.*`, `server.*`, `url.*`, `error.*`,
 * `exception.*`, `user.*`). Ours: `chatdebug.*`.
 */

export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_EXCEPTION_MESSAGE = 'exception.message';
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace';
export const ATTR_EXCEPTION_TYPE = 'exception.type';
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
/** `input` or `output`. */
export const ATTR_GEN_AI_TOKEN_TYPE = 'gen_ai.token.type';
export const ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS = 'gen_ai.usage.cache_creation.input_tokens';
export const ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.cache_read.input_tokens';
export const ATTR_GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens';
export const ATTR_GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';
export const ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = 'gen_ai.usage.reasoning.output_tokens';
export const ATTR_GEN_AI_WORKFLOW_NAME = 'gen_ai.workflow.name';
export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method';
export const ATTR_HTTP_REQUEST_RESEND_COUNT = 'http.request.resend_count';
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_URL_FULL = 'url.full';
export const ATTR_URL_PATH = 'url.path';
export const ATTR_USER_ID = 'user.id';

/** `http.request.header.<name>`; the value is a list, as the conventions want it. */
export const PREFIX_HTTP_REQUEST_HEADER = 'http.request.header.';
/** `http.response.header.<name>`; the value is a list, as the conventions want it. */
export const PREFIX_HTTP_RESPONSE_HEADER = 'http.response.header.';

export const EVENT_EXCEPTION = 'exception';
export const EVENT_ATTEMPT = 'chatdebug.attempt';

export const OPERATION_INVOKE_WORKFLOW = 'invoke_workflow';
export const OPERATION_CHAT = 'chat';

export const ATTR_CHATDEBUG_CAPTURE = 'chatdebug.capture';
/** The names of attributes of the same span or event that were cut or left out, since all of it was too long. */
export const ATTR_CHATDEBUG_SHORTENED = 'chatdebug.shortened';
export const ATTR_CHATDEBUG_PARENT_SPAN_ID = 'chatdebug.parent_span_id';

export const ATTR_CHATDEBUG_RUN_ID = 'chatdebug.run.id';
/** The run inside which this one was started. */
export const ATTR_CHATDEBUG_RUN_PARENT_ID = 'chatdebug.run.parent_id';
export const ATTR_CHATDEBUG_RUN_KIND = 'chatdebug.run.kind';
export const ATTR_CHATDEBUG_RUN_STATUS = 'chatdebug.run.status';
export const ATTR_CHATDEBUG_RUN_FIRST_MESSAGE = 'chatdebug.run.first_message';
export const ATTR_CHATDEBUG_RUN_STEP_COUNT = 'chatdebug.run.step_count';
export const ATTR_CHATDEBUG_RUN_HAS_ERROR = 'chatdebug.run.has_error';
/** `unknown` where the caller of a run's only request could not be told. */
export const ATTR_CHATDEBUG_RUN_CONTEXT = 'chatdebug.run.context';
export const ATTR_CHATDEBUG_RUN_ENDPOINT = 'chatdebug.run.endpoint';
export const ATTR_CHATDEBUG_CHAT_ROOT_ID = 'chatdebug.chat.root_id';
export const ATTR_CHATDEBUG_CHAT_PARENT_ID = 'chatdebug.chat.parent_id';
export const ATTR_CHATDEBUG_MODEL_CONFIG_ID = 'chatdebug.model_config.id';
export const ATTR_CHATDEBUG_TRIGGER_MESSAGE_ID = 'chatdebug.trigger_message.id';
export const ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID = 'chatdebug.history_tip_message.id';

export const ATTR_CHATDEBUG_STEP_NUMBER = 'chatdebug.step.number';
export const ATTR_CHATDEBUG_STEP_OPERATION = 'chatdebug.step.operation';
/** `possible` where a later call may have been another try of a failed one, and it could not be told. */
export const ATTR_CHATDEBUG_STEP_RECOVERY = 'chatdebug.step.recovery';
/** When that later call began, if its own span is not written: a time in ISO 8601. */
export const ATTR_CHATDEBUG_STEP_RECOVERY_STARTED_AT = 'chatdebug.step.recovery_started_at';
export const ATTR_CHATDEBUG_STEP_STATUS = 'chatdebug.step.status';
export const ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT = 'chatdebug.step.attempt_count';
/** How many attempts of the middle are not among the events, where there were more than the bound. */
export const ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT = 'chatdebug.step.attempts_left_out';

export const ATTR_CHATDEBUG_STREAM_CHUNKS = 'chatdebug.stream.chunks';
export const ATTR_CHATDEBUG_STREAM_BYTES = 'chatdebug.stream.bytes';
export const ATTR_CHATDEBUG_STREAM_SILENCE_MS = 'chatdebug.stream.silence_ms';
/** The longest time between two pieces of the body. */
export const ATTR_CHATDEBUG_STREAM_LONGEST_GAP_MS = 'chatdebug.stream.longest_gap_ms';
/** The name of the last event: its `event:` field, else the type that its data name. */
export const ATTR_CHATDEBUG_STREAM_LAST_EVENT = 'chatdebug.stream.last_event';
/** What a stream held, counted (full capture). */
export const ATTR_CHATDEBUG_STREAM_PARTS = 'chatdebug.stream.parts';
export const ATTR_CHATDEBUG_STREAM_TEXT_DELTAS = 'chatdebug.stream.text_deltas';
export const ATTR_CHATDEBUG_STREAM_REASONING_DELTAS = 'chatdebug.stream.reasoning_deltas';
export const ATTR_CHATDEBUG_STREAM_TOOL_CALLS = 'chatdebug.stream.tool_calls';
export const ATTR_CHATDEBUG_STREAM_SOURCES = 'chatdebug.stream.sources';
export const ATTR_CHATDEBUG_STREAM_ERRORS = 'chatdebug.stream.errors';
export const ATTR_CHATDEBUG_STREAM_LAST_ERROR = 'chatdebug.stream.last_error';

/** Of a request that failed in errors mode: what it was made of, as JSON without any content. */
export const ATTR_CHATDEBUG_REQUEST_SHAPE = 'chatdebug.request.shape';
/** `auto`, `none`, `required` or the name of a tool. */
export const ATTR_CHATDEBUG_REQUEST_TOOL_CHOICE = 'chatdebug.request.tool_choice';
/** How many members a request has beyond those that are recorded by name. */
export const ATTR_CHATDEBUG_REQUEST_OPTION_COUNT = 'chatdebug.request.option_count';
/** How many messages of the middle are not in `gen_ai.input.messages`, where they would be too long. */
export const ATTR_CHATDEBUG_REQUEST_MESSAGES_LEFT_OUT = 'chatdebug.request.messages_left_out';
/** Code units of text that structured output came to, in the place of the text itself. */
export const ATTR_CHATDEBUG_RESPONSE_TEXT_LENGTH = 'chatdebug.response.text_length';
export const ATTR_CHATDEBUG_RESPONSE_WARNINGS = 'chatdebug.response.warnings';

/** The same for errors that are alike, to group by. */
export const ATTR_CHATDEBUG_ERROR_FINGERPRINT = 'chatdebug.error.fingerprint';
/** How many runs that failed alike a kept one stands for, itself included; on the run, and the step it is kept for. */
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
/** `out_of_reach` where the client does not show them. */
export const ATTR_CHATDEBUG_ATTEMPT_BODIES = 'chatdebug.attempt.bodies';
export const ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY = 'chatdebug.attempt.request_body';
export const ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE = 'chatdebug.attempt.request_body_size';
export const ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY = 'chatdebug.attempt.response_body';
export const ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE = 'chatdebug.attempt.response_body_size';

/** Metrics: histograms in seconds and tokens as the GenAI conventions name them, and ours. */
export const METRIC_GEN_AI_CLIENT_OPERATION_DURATION = 'gen_ai.client.operation.duration';
export const METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK =
  'gen_ai.client.operation.time_to_first_chunk';
export const METRIC_GEN_AI_CLIENT_TOKEN_USAGE = 'gen_ai.client.token.usage';
export const METRIC_CHATDEBUG_RUNS = 'chatdebug.runs';
export const METRIC_CHATDEBUG_ATTEMPTS = 'chatdebug.attempts';
export const METRIC_CHATDEBUG_LIVE_RUNS = 'chatdebug.live.runs';
export const METRIC_CHATDEBUG_LIVE_BYTES = 'chatdebug.live.bytes';
export const METRIC_CHATDEBUG_STREAM_STALLS = 'chatdebug.stream.stalls';
export const METRIC_CHATDEBUG_DELIVERY_QUEUE = 'chatdebug.delivery.queue';
export const METRIC_CHATDEBUG_DELIVERY_LOST = 'chatdebug.delivery.lost';

/** Of metrics only. */
export const ATTR_CHATDEBUG_RUN_DECISION = 'chatdebug.run.decision';
export const ATTR_CHATDEBUG_RUN_DECISION_REASON = 'chatdebug.run.decision_reason';
export const ATTR_CHATDEBUG_ATTEMPT_STATUS_CLASS = 'chatdebug.attempt.status_class';
export const ATTR_CHATDEBUG_DELIVERY_LOSS_REASON = 'chatdebug.delivery.loss_reason';
