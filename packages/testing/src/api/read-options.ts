import { ownOptions } from '@entra-guard/core';
import type { App } from '../directory/apps.js';
import { graphClientId } from '../directory/graph-app.js';
import { assertMembers, invalidOption } from '../directory/invalid-option.js';
import type { EntraServices } from '../endpoints/call.js';
import { LocalEntraError } from '../error.js';
import type { LocalApiOptions } from './local-api.js';

const NAMES = ['api', 'baseUrl', 'port'] as const;

/** Settings of a local API. */
export interface ApiSettings {
  readonly app: App;
  /** `undefined` on a port. */
  readonly base: URL | undefined;
  readonly port: number | undefined;
}

/** @throws {LocalEntraError} `option_invalid`, `api_ambiguous`, `api_unknown` */
export function readApiOptions({ apps, authority }: EntraServices, given: LocalApiOptions): ApiSettings {
  const options = ownOptions('entra.downstream(...)', given, NAMES);
  assertMembers('entra.downstream(...)', options, NAMES);
  const { api, port } = options;
  if (api !== undefined && typeof api !== 'string') {
    throw invalidOption(
      `api is ${typeof api}, but it is the name of an API: entra.downstream({ api: 'stock' }).`,
    );
  }
  const app = apps.api(api);
  if (app.clientId === graphClientId) {
    throw invalidOption('api is Microsoft Graph, which this local Entra has: call it at entra.graph.');
  }
  if (port === undefined) return { app, base: readBaseUrl(options.baseUrl, app, authority), port };
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalidOption(`port is ${port}, but a port is an integer from 0 to 65535; 0 is any free port.`);
  }
  if (options.baseUrl !== undefined) {
    throw invalidOption(
      'There are both port and baseUrl. On a port the base URL is the address: leave baseUrl out.',
    );
  }
  return { app, base: undefined, port };
}

function readBaseUrl(
  given: unknown,
  { name }: App,
  { origin, graphOrigin }: EntraServices['authority'],
): URL {
  if (given === undefined) return new URL(`https://${hostLabel(name)}.contoso.example`);
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw invalidOption(
      "baseUrl is not an https URL of scheme, host and path. Write one: 'https://stock.contoso.example/v1'.",
    );
  }
  if (url.origin === origin || url.origin === graphOrigin) {
    throw invalidOption(
      `baseUrl is on ${url.origin}, which this local Entra answers itself. Write another host.`,
    );
  }
  return url;
}

/** Makes a name one label of a host (RFC 1123, section 2.1). */
function hostLabel(name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 63);
  return label === '' ? 'api' : label;
}

/** @throws {LocalEntraError} `option_invalid` for an address that another local API has */
export function assertFree(origin: string, others: ReadonlyMap<string, unknown>): void {
  if (!others.has(origin)) return;
  throw new LocalEntraError(
    'option_invalid',
    `Another local API answers at ${origin}. Close it first, or give this one another baseUrl.`,
  );
}
