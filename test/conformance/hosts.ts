import { type RequestListener, request as send } from 'node:http';
import { scopes } from '@entra-guard/core';
import { type EntraMcp, entraMcp, type NodeHandler } from '@entra-guard/mcp';
import { startEntra } from '@entra-guard/testing';
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import express from 'express5';
import { onTestFinished } from 'vitest';
import { listen } from '../support/listen.js';
import { PROMPTS, RESOURCES, TOOLS } from './everything.js';
import { MODERN_PROMPTS, MODERN_TOOLS } from './second-line.js';

type Gate = EntraMcp<string, string, string>;

/** A line of the SDK on a host. */
export interface Line {
  /** Makes its handler. @param gate `undefined` for a bare server */
  handlerOf(gate: Gate | undefined): NodeHandler;
  /** Whether the handler asks the gate. Otherwise the gate is put in front of it. */
  readonly hasGate?: boolean;
}

/** Serves it without a gate. Resolves with its URL. */
export async function startBare(line: Line): Promise<string> {
  const app = express();
  app.use(express.json());
  const handler = local(line.handlerOf(undefined));
  app.all('/mcp', (req, res) => handler(req, res, req.body));
  return `${await opened(app)}/mcp`;
}

/** Serves it behind a gate, and a proxy that adds the token which the suite can't. Resolves with the proxy's URL. */
export async function startGuarded(line: Line): Promise<string> {
  const app = express();
  const server = await opened(app);
  let token = '';
  const url = `${await opened(adding(server, () => token))}/mcp`;
  const entra = await startEntra({
    apps: { everything: { scopes: ['Everything.Use'], applicationIdUri: url } },
  });
  onTestFinished(() => entra.close());
  token = entra.user('ada', { scp: 'Everything.Use' }).token;
  const gate = entraMcp<string, string, string>({
    ...entra.options('everything'),
    log: false,
    resource: url,
    tools: all([...TOOLS, ...MODERN_TOOLS]),
    prompts: all([...PROMPTS, ...MODERN_PROMPTS]),
    resources: all(RESOURCES),
  });
  const handler = local(line.handlerOf(gate));
  if (line.hasGate) app.all('/mcp', (req, res) => handler(req, res));
  else app.use(gate.express(handler));
  return url;
}

/** Serves the façade. Resolves with its issuer, and with the authority of the local Entra behind it. */
export async function startFacade(): Promise<{ readonly facade: string; readonly authority: string }> {
  const app = express();
  const facade = await opened(app);
  const resource = `${facade}/mcp`;
  const entra = await startEntra({
    port: 0,
    apps: { everything: { scopes: ['Everything.Use'], applicationIdUri: resource } },
  });
  onTestFinished(() => entra.close());
  const gate = entraMcp({
    ...entra.options('everything'),
    log: false,
    resource,
    tools: { echo: scopes('Everything.Use') },
    authorizationServer: { facade: 'metadata' },
  });
  app.use(gate.metadata());
  return { facade, authority: entra.authority };
}

function all(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, scopes('Everything.Use')]));
}

/** As the SDKs protect servers on a developer's machine. */
function local(handler: NodeHandler): NodeHandler {
  const isLocal = [localhostHostValidation(), localhostOriginValidation()];
  return (request, response, body) =>
    isLocal.every((check) => check(request, response)) ? handler(request, response, body) : undefined;
}

/** A proxy that changes nothing else: `Host` and `Origin` are those of the client. */
function adding(target: string, token: () => string): RequestListener {
  return (request, response) => {
    const { method, url, headers } = request;
    const upstream = send(`${target}${url}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${token()}` },
    });
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    upstream.once('error', () => response.destroy());
    response.once('close', () => upstream.destroy());
    request.pipe(upstream);
  };
}

async function opened(listener: RequestListener): Promise<string> {
  const host = await listen(listener);
  onTestFinished(() => host.close());
  return host.origin.replace('127.0.0.1', 'localhost');
}
