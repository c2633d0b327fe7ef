import type { IncomingMessage } from 'node:http';
import { rawValuesOf } from '../headers/header-names.js';
import type { AskedRequest } from './dialect.js';
import { invalid } from './forwarded-request.js';

/**
 * Reads a request that is the one that is asked about, without its body: its own method, target and `Host`, and nothing from
 * `X-Forwarded-*`.
 *
 * @throws RequestError `request_invalid`
 */
export function readOriginal({ method, url, rawHeaders }: IncomingMessage): AskedRequest {
  const hosts = rawValuesOf(rawHeaders, 'host');
  if (hosts.length !== 1) throw invalid(`it has ${hosts.length} Host headers`);
  return { method: method ?? '', host: hosts[0] as string, path: url ?? '' };
}
