import type { IncomingMessage, ServerResponse } from 'node:http';
import { scopes } from '@entra-guard/core';
import { entraMcp } from '@entra-guard/mcp';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { JwtVerifier } from 'aws-jwt-verify';
import type { RequestHandler } from 'express';
import { guardOptions } from '../engine/authority.js';
import { type Contender, grantsScope, SCOPE, type Verifier } from './contender.js';

const RESOURCE = 'https://mcp.contoso.com/mcp';

/** A call of a tool, as a parser has read it. */
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'orders.list', arguments: {} } };

type Handler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** A request that brings a call with a token. The gate writes on it, so that each call has one of its own. */
function requestWith(token: string): IncomingMessage {
  const authorization = `Bearer ${token}`;
  const headers = { authorization, 'content-type': 'application/json', 'mcp-protocol-version': '2025-11-25' };
  return {
    method: 'POST',
    url: '/mcp',
    headers,
    rawHeaders: Object.entries(headers).flat(),
    body: CALL,
  } as never;
}

/** A response that tells only that the call was answered, instead of handed on. */
function responseThen(answered: () => void): ServerResponse {
  const chained = () => response;
  const response = {
    setHeader: chained,
    set: chained,
    status: chained,
    writeHead: chained,
    json: answered,
    end: answered,
  };
  return response as never;
}

function callsOf(handler: Handler): Verifier {
  return {
    prepare: (token) => token,
    verify: (token) =>
      new Promise<void>((resolve, reject) => {
        const response = responseThen(() => reject(new Error('The call was answered.')));
        handler(requestWith(token as string), response, (error) => (error ? reject(error) : resolve()));
      }),
    judge: () => {},
  };
}

/** The gate of `@entra-guard/mcp`, which also decides about the tool. */
export const mcpGate: Contender = {
  setup: `entraMcp with one tool that requires scopes('${SCOPE}'), log: false; mcp.gate() with a parsed body`,
  verifier: async (authority) => {
    const options = { ...guardOptions(authority), applicationIdUri: RESOURCE };
    const mcp = entraMcp({ ...options, resource: RESOURCE, tools: { 'orders.list': scopes(SCOPE) } });
    return callsOf(mcp.gate());
  },
  handlers: async () => [],
};

/** The SDK's middleware over a verifier, and a look at the scope, which knows nothing of tools. */
export const mcpBearerAuth: Contender = {
  setup: `requireBearerAuth of @modelcontextprotocol/sdk 1.x with requiredScopes, over aws-jwt-verify`,
  verifier: async ({ issuer, clientId, jwksUri, jwks }) => {
    const jwt = JwtVerifier.create({ issuer, audience: clientId, jwksUri });
    jwt.cacheJwks(jwks as Parameters<typeof jwt.cacheJwks>[0]);
    const middleware: RequestHandler = requireBearerAuth({
      requiredScopes: [SCOPE],
      verifier: {
        verifyAccessToken: async (token) => {
          const claims = jwt.verifySync(token);
          if (!grantsScope(claims)) throw new Error('The scope is missing.');
          return {
            token,
            clientId: String(claims.azp),
            scopes: String(claims.scp).split(' '),
            expiresAt: Number(claims.exp),
          };
        },
      },
    });
    return callsOf(middleware as unknown as Handler);
  },
  handlers: async () => [],
};
