/** The cookie that replaces a session. `proxy.ts` sets it. */
export const USER = 'user';

export function userOf(request: Request): string | undefined {
  const pairs = (request.headers.get('cookie') ?? '').split(/; */);
  return pairs.find((pair) => pair.startsWith(`${USER}=`))?.slice(USER.length + 1);
}
