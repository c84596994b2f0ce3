export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly enum?: readonly string[];
  readonly const?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

const text = (description: string): JsonSchema => ({ type: 'string', description });
const millis = (description: string): JsonSchema => ({
  type: 'number',
  minimum: 0,
  maximum: 86_400_000,
  description,
});
const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  description: string,
): JsonSchema => ({ type: 'object', description, required, properties, additionalProperties: false });

const TRUNCATED = object(
  {
    known: { type: 'integer', minimum: 0, description: 'Bytes of the body that are known.' },
    size: { type: 'integer', minimum: 0, description: 'Bytes that there were on the wire.' },
  },
  ['known', 'size'],
  'Present if only the start of the body was recorded.',
);

const REQUEST_PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  method: text('The HTTP method.'),
  path: text('The path with its query.'),
  headers: { type: 'object', additionalProperties: { type: 'string' }, description: 'The headers.' },
  body: { description: 'The body, sent as JSON. Absent for a request without a body.' },
  text: text('The body, sent unchanged; instead of `body`.'),
  truncated: TRUNCATED,
};

const CHUNK: JsonSchema = {
  description: 'A piece of the body: a text, or an object.',
  anyOf: [
    { type: 'string' },
    object(
      {
        text: text('The piece as UTF-8 text.'),
        base64: text('The piece as base64, if it is not UTF-8 text; instead of `text`.'),
        times: {
          type: 'integer',
          minimum: 0,
          maximum: 10_000_000,
          description: 'How often the text is repeated.',
        },
        afterMs: millis('Milliseconds before this piece.'),
      },
      [],
      'A piece with its time.',
    ),
  ],
};

const RESPONSE = object(
  {
    status: {
      type: 'integer',
      minimum: 200,
      maximum: 599,
      description: 'Absent without a response.',
    },
    headers: {
      type: 'object',
      additionalProperties: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      },
      description: 'The headers. Several values of one header are a list.',
    },
    chunks: {
      type: 'array',
      items: CHUNK,
      description: 'The decoded body. With `content-encoding` the server compresses it.',
    },
    afterMs: millis('Milliseconds from the request to the status line.'),
    gapMs: millis('Milliseconds between two chunks, unless the second one has `afterMs`.'),
    endAfterMs: millis(
      'Milliseconds from the last chunk to the end. With hang: until the client disconnected.',
    ),
    end: {
      type: 'string',
      enum: ['clean', 'cut', 'reset', 'hang', 'refused'],
      description:
        'clean: the body is complete. cut: the connection is closed before that. reset: the connection is reset. hang: nothing more is sent until the client disconnects. refused: the connection is refused.',
    },
    truncated: TRUNCATED,
  },
  ['end'],
  'The response of the provider.',
);

const ATTEMPT = object(
  {
    request: object(REQUEST_PROPERTIES, [], 'The differences from the request of the previous attempt.'),
    response: RESPONSE,
  },
  ['response'],
  'A further attempt.',
);

const EXPECT = object(
  {
    seen: { type: 'boolean', description: 'true: a step is recorded. false: nothing is recorded.' },
    status: text('Status of the step: completed, error or interrupted.'),
    kind: text('The error kind.'),
    detail: text('A part of the error detail.'),
    errorType: text('The exact error.type.'),
    fingerprint: text('The fingerprint of the error.'),
    exceptionType: text('The class of the exception.'),
    attempts: {
      type: 'array',
      description: 'The attempts, in order.',
      items: object(
        {
          statusCode: { type: 'integer', minimum: 200, maximum: 599, description: 'The HTTP status.' },
          status: text('completed, failed or interrupted.'),
          errorType: text('The error.type of the attempt.'),
        },
        ['status'],
        'One attempt.',
      ),
    },
  },
  [],
  'What should be recorded. Absent members are not checked.',
);

/** JSON Schema (draft 2020-12) of a case; docs/case.schema.json is written from it. */
export const CASE_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Field case',
  ...object(
    {
      $schema: text('The location of this schema, for editors.'),
      version: { const: 1, description: 'The version of the format. Default: 1.' },
      id: text('A short name.'),
      title: text('What happens, in one line.'),
      evidence: text('Where the case comes from: public threads, the id of a run, or `constructed`.'),
      synthesised: {
        type: 'array',
        items: { type: 'string', enum: ['request', 'response'] },
        description:
          'The parts that were synthesised from the shape of the request and the error, as no content was recorded.',
      },
      notes: {
        type: 'array',
        items: { type: 'string' },
        description: 'What a replay cannot reproduce, in sentences.',
      },
      provider: text('The provider, as in gen_ai.provider.name.'),
      request: object(REQUEST_PROPERTIES, ['method', 'path', 'headers'], 'The request of the first attempt.'),
      response: RESPONSE,
      next: { type: 'array', items: ATTEMPT, description: 'The attempts after the first one, in order.' },
      expect: EXPECT,
    },
    ['id', 'title', 'request', 'response', 'expect'],
    'A model call to replay: the requests, the responses, and what should be recorded.',
  ),
};
