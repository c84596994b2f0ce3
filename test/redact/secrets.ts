import fc from '../support/property.js';

const ALNUM = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const UPPER = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];

function run(characters: readonly string[], minLength: number, maxLength = minLength): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
}
const alnum = (minLength: number, maxLength = minLength) => run(ALNUM, minLength, maxLength);
const dashed = (minLength: number, maxLength = minLength) => run([...ALNUM, '-', '_'], minLength, maxLength);
const after = (prefix: string, rest: fc.Arbitrary<string>) => rest.map((text) => prefix + text);

const base64 = (json: fc.Arbitrary<string>) => json.map((text) => Buffer.from(text).toString('base64url'));
const jwt = fc
  .tuple(base64(after('{"alg":"HS256","kid":"', alnum(4))), base64(after('{"sub":"', alnum(9))), dashed(43))
  .map((parts) => parts.join('.'));

/** Random secrets in every shape that is recognised by itself. */
export const SECRETS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'OpenAI sk-': after('sk-', alnum(48)),
  'OpenAI sk-proj-': after('sk-proj-', dashed(48, 156)),
  'OpenAI sk-svcacct-': after('sk-svcacct-', dashed(48, 156)),
  'OpenAI, short': after('sk-', alnum(20, 24)),
  'Anthropic sk-ant-': after('sk-ant-api03-', dashed(93)),
  OpenRouter: after('sk-or-v1-', run([...'0123456789abcdef'], 64)),
  Google: after('AIza', dashed(35)),
  'Google OAuth': after('ya29.', dashed(60, 200)),
  'AWS AKIA': after('AKIA', run(UPPER, 16)),
  'AWS ASIA': after('ASIA', run(UPPER, 16)),
  'AWS session token': after('IQoJb3JpZ2luX2Vj', alnum(100, 300)),
  'AWS session token, older': fc
    .tuple(fc.constantFrom('FwoGZXIvYXdz', 'FQoGZXIvYXdz'), alnum(100, 300))
    .map((parts) => parts.join('')),
  'AWS Bedrock': after('ABSK', alnum(60, 120)),
  GitHub: fc
    .tuple(fc.constantFrom('ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'), alnum(36))
    .map((parts) => parts.join('')),
  'GitHub fine-grained': fc.tuple(alnum(22), alnum(59)).map(([id, key]) => `github_pat_${id}_${key}`),
  GitLab: after('glpat-', dashed(20)),
  Slack: fc
    .tuple(fc.constantFrom('b', 'p', 'a', 'r', 's'), run([...'0123456789'], 12), alnum(24))
    .map(([kind, id, key]) => `xox${kind}-${id}-${key}`),
  Stripe: fc
    .tuple(fc.constantFrom('sk_live_', 'rk_live_', 'sk_test_'), alnum(24, 99))
    .map((parts) => parts.join('')),
  'Stripe, of a webhook': after('whsec_', alnum(32)),
  npm: after('npm_', alnum(36)),
  'Hugging Face': after('hf_', alnum(34)),
  Replicate: after('r8_', alnum(37)),
  Groq: after('gsk_', alnum(52)),
  Cerebras: after('csk-', alnum(48)),
  xAI: after('xai-', alnum(80)),
  Perplexity: after('pplx-', alnum(48)),
  SendGrid: fc.tuple(dashed(22), dashed(43)).map(([id, key]) => `SG.${id}.${key}`),
  JWT: jwt,
  'private key': alnum(64, 200).map(
    (key) => `-----BEGIN RSA PRIVATE KEY-----\n${key}\n-----END RSA PRIVATE KEY-----`,
  ),
};

/** Secrets recognised by the text before them: the planted text, and its part that must be redacted. */
export const IN_PLACE: Readonly<Record<string, fc.Arbitrary<readonly [planted: string, secret: string]>>> = {
  Bearer: fc
    .tuple(fc.constantFrom('Bearer ', 'bearer ', 'BEARER  ', 'Bearer%20'), fc.oneof(alnum(20, 60), jwt))
    .map(([scheme, token]) => [scheme + token, token]),
  Basic: fc.tuple(alnum(8), alnum(8)).map(([user, password]) => {
    const token = Buffer.from(`${user}:${password}`).toString('base64');
    return [`Basic ${token}`, token];
  }),
  'user info': fc
    .tuple(fc.constantFrom('https', 'postgres', 'mongodb+srv', 'redis'), alnum(0, 8), password())
    .map(([scheme, user, secret]) => [`${scheme}://${user}:${secret}@host.example/path`, secret]),
  query: fc
    .tuple(
      fc.constantFrom(
        'key',
        'api_key',
        'apiKey',
        'API-KEY',
        'access%5Ftoken',
        'sig',
        'X-Amz-Signature',
        '%6bey',
      ),
      fc.constantFrom('https://host.example/a?b=c&', '/v1/models?', '?', 'https://host.example/#'),
      alnum(8, 40),
    )
    .map(([name, before, secret]) => [`${before}${name}=${secret}`, secret]),
  'a URL in a URL': alnum(8, 40).map((secret) => [
    `https://host.example/?next=${encodeURIComponent(`https://other.example/?x=1&token=${secret}&y=2`)}&z=3`,
    secret,
  ]),
  'connection string': fc
    .tuple(fc.constantFrom('Password', 'Pwd', 'AccountKey', 'SharedAccessKey', 'Client Secret'), alnum(8, 40))
    .map(([name, secret]) => [`Server=db;User Id=me;${name}=${secret};Database=x`, secret]),
  variable: fc
    .tuple(
      fc.constantFrom(
        'AWS_SECRET_ACCESS_KEY',
        'OPENAI_API_KEY',
        'DB_PASSWORD',
        'client_secret',
        'MY_AUTH_TOKEN',
      ),
      fc.constantFrom('=', ' = ', ': ', '="', "='", '": "', '\\": \\"'),
      alnum(8, 40).map((text) => `7${text}`),
    )
    .map(([name, sign, secret]) => [name + sign + secret, secret]),
};

/** With characters that are often left unencoded. Long enough not to occur in the text around it. */
function password(): fc.Arbitrary<string> {
  return fc.tuple(run([...ALNUM, ...'/?#@:%!$*'], 1, 8), alnum(8)).map(([odd, plain]) => `p${odd}${plain}`);
}
