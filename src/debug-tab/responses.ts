import { createHash } from 'node:crypto';

/** The page loads nothing from other origins and has no inline script or style. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

type Body = ConstructorParameters<typeof Response>[0];

export function answer(status: number, body: Body, headers: Record<string, string>): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return answer(status, JSON.stringify(value), {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  });
}

/** @param message shown to users: must not contain internals of the application */
export function refusal(status: 400 | 403 | 404 | 405 | 409 | 502, message: string): Response {
  return json({ error: message }, status, status === 405 ? { allow: 'GET, PUT' } : {});
}

/** @param name the file name. Characters that are unsafe in a header are replaced. */
export function download(value: unknown, name: string): Response {
  const safe = name.replace(/[^\w.-]+/g, '_').slice(0, 100);
  return json(value, 200, { 'content-disposition': `attachment; filename="${safe}.json"` });
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

interface Asset {
  readonly text: string;
  readonly type: string;
  readonly etag: string;
}

let assets: ReadonlyMap<string, Asset> | undefined;

export function asset(name: string, ifNoneMatch: string | null): Response | undefined {
  if (!/^\w+\.\w+$/.test(name)) return undefined;
  assets ??= loadAssets();
  const found = assets.get(name);
  if (found === undefined) return undefined;
  const { text, type, etag } = found;
  const headers = { etag, 'cache-control': 'no-cache' };
  if (ifNoneMatch === etag) return answer(304, null, headers);
  return answer(200, text, { ...headers, 'content-type': type });
}

/** Loaded on the first request for a file, since the files are larger than the rest of the tab. */
function loadAssets(): ReadonlyMap<string, Asset> {
  const { PAGE_FILES } = require('./page-files.js') as typeof import('./page-files.js');
  return new Map(
    Object.entries(PAGE_FILES).map(([name, text]) => {
      const type = TYPES[name.slice(name.indexOf('.') + 1)] ?? 'text/plain';
      const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
      return [name, { text, type, etag }];
    }),
  );
}
