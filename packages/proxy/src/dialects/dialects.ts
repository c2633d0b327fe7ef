import type { IncomingMessage } from 'node:http';
import { isUnlisted, isUnlistedOrSpelledOtherwise } from '../headers/listed-headers.js';
import type { Dialect, DialectName, Endpoint } from './dialect.js';
import { readForwarded } from './forwarded-request.js';
import { readOriginal } from './original-request.js';

const isGet = ({ method }: IncomingMessage): boolean => method === 'GET';

function checkOnly(request: IncomingMessage): Endpoint | undefined {
  return isGet(request) && request.url === '/check' ? 'check' : undefined;
}

function checkAndRefusal(request: IncomingMessage): Endpoint | undefined {
  return isGet(request) && request.url === '/refusal' ? 'refusal' : checkOnly(request);
}

const forwarded = { endpointOf: checkOnly, read: readForwarded, passesAnswers: true } as const;

/** How each server asks. */
export const DIALECT_OF: Readonly<Record<DialectName, Dialect>> = Object.freeze({
  // auth_request passes 401 and 403 on, without their bodies, and makes 500 of every other answer.
  nginx: {
    name: 'nginx',
    endpointOf: checkAndRefusal,
    read: readForwarded,
    passesAnswers: false,
    cookieHeader: 'X-Entra-Cookie',
    remains: isUnlisted,
  },
  haproxy: { name: 'haproxy', ...forwarded, cookieHeader: 'X-Entra-Cookie' },
  caddy: { name: 'caddy', ...forwarded, cookieHeader: 'X-Entra-Cookie' },
  // authResponseHeaders removes each header that it names, and then copies it from the answer.
  traefik: { name: 'traefik', ...forwarded, cookieHeader: 'Cookie', remains: isUnlistedOrSpelledOtherwise },
  'envoy-http': {
    name: 'envoy-http',
    endpointOf: () => 'check',
    read: readOriginal,
    passesAnswers: true,
    cookieHeader: 'Cookie',
    removesBy: 'X-Envoy-Auth-Headers-To-Remove',
  },
});
