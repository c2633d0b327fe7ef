import type { RequestHandler } from 'express';
import { grantsScope, type Verifier } from './contender.js';

/** The middleware that one writes around a library that only verifies. */
export function bearer({ prepare, verify }: Verifier): RequestHandler {
  return async (request, response, next) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== 'Bearer' || token === undefined) {
      response.status(401).end();
      return;
    }
    let claims: { readonly [name: string]: unknown };
    try {
      claims = (await verify(prepare(token))) as typeof claims;
    } catch {
      response.status(401).end();
      return;
    }
    if (grantsScope(claims)) next();
    else response.status(403).end();
  };
}
