/** Response headers in which a provider gives its id of the request: OpenAI and many others, Anthropic, Google, Azure, AWS. */
export const REQUEST_ID_HEADERS: readonly string[] = Object.freeze([
  'x-request-id',
  'request-id',
  'x-goog-request-id',
  'apim-request-id',
  'x-amzn-requestid',
]);
