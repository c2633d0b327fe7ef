import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health } from '@entra-guard/core';
import type { AssertionSigner } from '@entra-guard/core/assertion';
import type { Metrics } from './metrics.js';

/** What the admin listener shows. */
export interface AdminFacts {
  readonly signer: AssertionSigner;
  readonly metrics: Metrics;
  readonly health: () => Promise<Health>;
  /** The digest of the policy that decides now, and why a later one does not. */
  readonly policy: () => { readonly digest: string; readonly problem?: string };
}

/** Answers for monitoring, and for applications that read assertions. No answer holds a secret, or says who called. */
export async function answerAdmin(
  facts: AdminFacts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    write(response, 405, 'text/plain', 'Method Not Allowed\n', { Allow: 'GET, HEAD' });
    return;
  }
  switch (request.url) {
    case '/jwks.json':
      // RFC 7517 section 8.5.2
      return write(response, 200, 'application/jwk-set+json', JSON.stringify(facts.signer.jwks), {
        'Cache-Control': 'public, max-age=300',
      });
    case '/healthz': {
      const policy = facts.policy();
      return writeJson(response, 200, { status: policy.problem === undefined ? 'up' : 'degraded', policy });
    }
    case '/readyz': {
      const { status, message } = await facts.health();
      return writeJson(response, status === 'down' ? 503 : 200, { status, message });
    }
    case '/metrics':
      return write(response, 200, facts.metrics.contentType, await facts.metrics.text());
    default:
      return write(response, 404, 'text/plain', 'Not Found\n');
  }
}

function writeJson(response: ServerResponse, status: number, value: object): void {
  write(response, status, 'application/json', JSON.stringify(value));
}

function write(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    ...headers,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
