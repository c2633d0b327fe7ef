import { choice, either, listOf, members, type Shape, text } from '../local/shape.js';

/** What the mint endpoint is asked for: a token for one user, app, managed identity or agent. */
export interface MintRequest {
  /** Name of a user. */
  readonly as?: string;
  /** Name of an app, for an app-only token. */
  readonly app?: string;
  /** Name of a managed identity; `true` is the system-assigned one. */
  readonly managedIdentity?: string | true;
  /** Name of an agent identity. */
  readonly agent?: string;
  /** The user that the agent acts for. */
  readonly onBehalfOf?: string;
  /** Whether the agent acts through its own user account. */
  readonly ownAccount?: true;
  /** The API: name, client ID or application ID URI. Default: the only one there is. */
  readonly api?: string;
  /** Scopes of a delegated token. Default: the API's first scope. */
  readonly scopes?: readonly string[];
  /** App roles. Default: those that are assigned. */
  readonly roles?: readonly string[];
  /** Name of the app that acts for the user. */
  readonly client?: string;
  /** The tenant: name, domain or GUID. Default: the first one. */
  readonly tenant?: string;
}

/** A request that contradicts itself, or that has another form. */
export class MintRequestError extends Error {
  override readonly name = 'MintRequestError';
}

const name = text('a name');
const texts = listOf(text('a text'), 'a list of texts');
const shapes: Readonly<Record<keyof MintRequest, Shape>> = {
  as: name,
  app: name,
  managedIdentity: either(name, choice(true), 'a name, or true'),
  agent: name,
  onBehalfOf: name,
  ownAccount: choice(true),
  api: name,
  scopes: texts,
  roles: texts,
  client: name,
  tenant: name,
};
const shape = members(shapes);

/**
 * Reads the body of a request.
 * @throws {MintRequestError}
 */
export function readMintRequest(body: string): MintRequest {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new MintRequestError('The body is not JSON.');
  }
  const problem = shape.check(value, []);
  if (problem !== undefined) {
    throw new MintRequestError(`${problem.path.join('.') || 'The body'} ${problem.message}`);
  }
  const request = value as MintRequest;
  assertOne(
    request,
    ['as', 'app', 'managedIdentity', 'agent'],
    'Name one of as, app, managedIdentity and agent',
  );
  assertFits(request);
  return request;
}

function assertOne(request: MintRequest, names: readonly (keyof MintRequest)[], sentence: string): void {
  const given = names.filter((one) => request[one] !== undefined);
  if (given.length === 1) return;
  throw new MintRequestError(
    given.length === 0 ? `${sentence}.` : `${sentence}, not ${given.join(' and ')}.`,
  );
}

function assertFits(request: MintRequest): void {
  const { as, agent, onBehalfOf, ownAccount, scopes, client } = request;
  const refused = (message: string) => new MintRequestError(message);
  if (agent === undefined && onBehalfOf !== undefined) throw refused('onBehalfOf is for an agent.');
  if (agent === undefined && ownAccount !== undefined) throw refused('ownAccount is for an agent.');
  if (onBehalfOf !== undefined && ownAccount !== undefined) {
    throw refused(
      'Name one of onBehalfOf and ownAccount: an agent acts for a user, or through its own account.',
    );
  }
  if (as === undefined && client !== undefined) throw refused('client is for a user.');
  if (scopes !== undefined && as === undefined && onBehalfOf === undefined && ownAccount === undefined) {
    throw refused('scopes is for a user or an agent that acts for one. App-only tokens have roles.');
  }
}
