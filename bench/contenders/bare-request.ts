import type { Request, RequestHandler, Response } from 'express';
import { type Verifier, verifier } from './contender.js';

/** Runs middlewares without HTTP: on an object that has what they look at, and no more. */
export function onBareRequest(handlers: readonly RequestHandler[]): Verifier {
  return verifier(
    (token) =>
      new Promise<void>((resolve, reject) => {
        const request = bareRequest(token);
        const response = {
          setHeader() {},
          getHeader() {},
          end: () => reject(new Error('The middleware refused the token.')),
        } as unknown as Response;
        const run = (index: number, error?: unknown): void => {
          const handler = handlers[index];
          if (error !== undefined) reject(error);
          else if (handler === undefined) resolve();
          else handler(request, response, (failure?: unknown) => run(index + 1, failure));
        };
        run(0);
      }),
  );
}

function bareRequest(token: string): Request {
  const headers: { readonly [name: string]: string } = {
    host: 'localhost',
    authorization: `Bearer ${token}`,
  };
  return {
    method: 'GET',
    url: '/orders',
    originalUrl: '/orders',
    protocol: 'http',
    headers,
    get: (name: string) => headers[name.toLowerCase()],
    query: {},
    is: () => false,
  } as unknown as Request;
}
