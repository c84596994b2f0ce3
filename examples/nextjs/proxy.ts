import { type NextRequest, NextResponse } from 'next/server';
import { USER } from './user';

export const config = { matcher: '/' };

/** Gives a visitor without a user id a new one. */
export function proxy(request: NextRequest): NextResponse {
  if (request.cookies.has(USER)) return NextResponse.next();
  const user = crypto.randomUUID();
  request.cookies.set(USER, user);
  const response = NextResponse.next({ request: { headers: request.headers } });
  response.cookies.set(USER, user, { httpOnly: true, sameSite: 'strict' });
  return response;
}
