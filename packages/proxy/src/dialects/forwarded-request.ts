import type { IncomingMessage } from 'node:http';
import { RequestError } from '@entra-guard/core';
import { normalName } from '../headers/header-names.js';
import type { AskedRequest } from './dialect.js';

const FACTS = [
  'x-forwarded-method',
  'x-forwarded-uri',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-for',
] as const;
const PREFIX = 'x-forwarded-';

type Fact = (typeof FACTS)[number];

/**
 * Reads a request that a server tells about in headers `X-Forwarded-*`. Each has to be there exactly once, also counting names that
 * have `_` for `-`: a second one may be the client's.
 *
 * @throws RequestError `request_invalid`
 */
export function readForwarded({ rawHeaders }: IncomingMessage): AskedRequest {
  const found = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = normalName(rawHeaders[index] as string);
    if (!name.startsWith(PREFIX) || !(FACTS as readonly string[]).includes(name)) continue;
    if (found.has(name)) throw invalid(`${name} stands in the request more than once`);
    found.set(name, rawHeaders[index + 1] as string);
  }
  const fact = (name: Fact): string => {
    const value = found.get(name);
    if (value === undefined || value === '') throw invalid(`${name} is missing`);
    return value;
  };
  const [method, path, host] = [
    fact('x-forwarded-method'),
    fact('x-forwarded-uri'),
    fact('x-forwarded-host'),
  ];
  const scheme = fact('x-forwarded-proto');
  if (!/^(?:https?|wss?)$/.test(scheme)) throw invalid('x-forwarded-proto is neither http nor https');
  fact('x-forwarded-for');
  return { method, host, path };
}

/** What is said of a request that does not tell clearly what is asked about. */
export function invalid(found: string): RequestError {
  return new RequestError({
    code: 'request_invalid',
    message: `The request that is asked about is not clear: ${found}.`,
    hint: 'The server in front has to set each X-Forwarded-* header once, in place of what clients send: `entra-guard policy config` prints how.',
  });
}
