import { ConfigurationError, LimitError, PermissionError, RequestError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import { assertKnown } from '../options/option-readers.js';
import type { RevocationRecord, Revocations, Target } from '../options/revocations.js';
import { anyAppPermission } from '../requirements/build.js';
import type { ExposedHandler } from '../requirements/exposed-handler.js';
import type { Grant } from '../requirements/requirement.js';
import { revocationEvents } from '../revocation/revocation-event.js';
import { readTarget, type TargetKind, tenantOf } from '../revocation/target.js';
import { settingsOf } from '../token/validator-contract.js';
import type { Guard } from './guard-contract.js';
import { recordJson, revocationFrom, targetInQuery } from './revocation-json.js';

/** Kinds of targets that concern more than one caller of one tenant. */
export type WideTarget = 'tenant' | 'everyone' | 'client' | 'agentBlueprint';

/** Who may revoke what over HTTP. */
export interface RevocationRequestOptions {
  /** Further kinds of targets that operators may revoke: `client` and `agentBlueprint` without `tenantId`. Default none. */
  readonly allow?: readonly WideTarget[];
  /**
   * Tenants whose callers may revoke in every accepted tenant. Others reach their own alone. Required where several tenants are
   * accepted; where there is one, every caller with the permission is an operator.
   */
  readonly operatorTenants?: readonly string[];
}

/** What an adapter hands over of a request. */
export interface RevocationRequest {
  readonly request: RequestLike;
  readonly method: string;
  /** The ID in the path; `undefined` for the collection. */
  readonly id: string | undefined;
  readonly query: URLSearchParams;
  /** Reads the body as JSON; `undefined` if there is none. Called after the caller was accepted. */
  readonly body: () => Promise<unknown>;
}

/** What an adapter writes. */
export interface RevocationAnswer {
  readonly status: 200 | 201 | 204;
  readonly body: object | undefined;
}

const WIDE: readonly WideTarget[] = ['tenant', 'everyone', 'client', 'agentBlueprint'];
const PER_MINUTE = 600;
const MINUTE = 60_000;
const MAX_CALLERS = 10_000;

const PERMISSIONS = {
  POST: anyAppPermission('Revocations.Revoke.All', 'Revocations.Manage.All'),
  GET: anyAppPermission(
    'Revocations.Read.All',
    'Revocations.Revoke.All',
    'Revocations.Lift.All',
    'Revocations.Manage.All',
  ),
  DELETE: anyAppPermission('Revocations.Lift.All', 'Revocations.Manage.All'),
} as const;

/** One of the routes of revocations, for an inventory. */
export interface RevocationHandler extends ExposedHandler {
  readonly access: { readonly kind: 'requirement'; readonly requirement: Grant };
}

/** What the routes require, for an inventory, with the paths that they have at the root. */
export function revocationHandlers(): readonly RevocationHandler[] {
  return Object.entries(PERMISSIONS).map(([method, requirement]) => ({
    method,
    path: method === 'DELETE' ? '/revocations/:id' : '/revocations',
    access: { kind: 'requirement', requirement },
  }));
}

/** Revokes, lists and lifts for callers over HTTP, each within reach of its tenant. */
export class RevocationRequests {
  readonly #guard: Guard;
  readonly #revocations: Revocations;
  readonly #allow: ReadonlySet<string>;
  readonly #operators: ReadonlySet<string> | undefined;
  readonly #now: () => number;
  readonly #spent = new Map<string, { readonly start: number; count: number }>();

  /** @throws ConfigurationError for a guard without revocations, and for invalid options */
  constructor(guard: Guard, given: RevocationRequestOptions = {}) {
    const options = ownOptions('The options of the routes of revocations', given, [
      'allow',
      'operatorTenants',
    ]);
    assertKnown('option of the routes of revocations called', options, ['allow', 'operatorTenants']);
    if (guard.revocations === undefined) {
      throw new ConfigurationError(
        'The routes of revocations were given a guard without the setting revocations.',
        'Give it one: { tenantId, clientId, revocations: memoryRevocations() }.',
      );
    }
    const { now, severalTenants = true } = settingsOf(guard.validator);
    this.#guard = guard;
    this.#revocations = guard.revocations;
    this.#now = now;
    this.#allow = allowed(options.allow);
    this.#operators = operators(options.operatorTenants, severalTenants);
  }

  /** @throws EntraGuardError: what the guard throws; RequestError for a request that can't be understood; LimitError */
  async answer({ request, method, id, query, body }: RevocationRequest): Promise<RevocationAnswer> {
    const allow = id === undefined ? (['GET', 'POST'] as const) : (['DELETE'] as const);
    const verb = allow.find((one) => one === method);
    if (verb === undefined) {
      throw new RequestError({
        code: 'method_not_allowed',
        message: `${printable(method)} is not a method of this path.`,
        hint: `Use ${allow.join(' or ')}.`,
        allow,
      });
    }
    const handler = `${verb} /revocations${id === undefined ? '' : '/{id}'}`;
    // These requirements are not anonymous(), so there is a caller.
    const auth = (await this.#guard.decide(request, PERMISSIONS[verb], { handler })) as AuthContext;
    this.#spend(auth.subjectKey);
    if (verb === 'GET')
      return { status: 200, body: { revocations: this.#list(auth, query).map(recordJson) } };
    const given = await body();
    return verb === 'POST' ? this.#revoke(auth, given) : this.#lift(auth, String(id), given, query);
  }

  async #revoke(auth: AuthContext, body: unknown): Promise<RevocationAnswer> {
    const { target, options } = understood(() => revocationFrom(body));
    const { target: read } = understood(() => readTarget(target));
    this.#assertInReach(auth, read);
    const before = new Set(this.#revocations.list(read).map(({ id }) => id));
    const record = await this.#revocations.revoke(target, options).catch(misunderstood);
    this.#tell(auth, 'revoke', record, record.because);
    return { status: before.has(record.id) ? 200 : 201, body: recordJson(record) };
  }

  #list(auth: AuthContext, query: URLSearchParams): readonly RevocationRecord[] {
    const target = understood(() => targetInQuery(query));
    const records = understood(() => this.#revocations.list(target));
    return this.#isOperator(auth)
      ? records
      : records.filter(({ target: one }) => tenantOf(one) === auth.tenantId);
  }

  async #lift(
    auth: AuthContext,
    id: string,
    body: unknown,
    query: URLSearchParams,
  ): Promise<RevocationAnswer> {
    const record = this.#revocations.list().find((one) => one.id === id.toLowerCase());
    if (record === undefined || !(this.#isOperator(auth) || tenantOf(record.target) === auth.tenantId)) {
      throw notFound(id);
    }
    this.#assertInReach(auth, record.target);
    const because = query.get('because') ?? (Object(body) as { readonly because?: unknown }).because;
    await this.#revocations.lift(record.id, { because: because as string }).catch(misunderstood);
    this.#tell(auth, 'lift', record, String(because));
    return { status: 204, body: undefined };
  }

  #isOperator({ tenantId }: AuthContext): boolean {
    return this.#operators === undefined || this.#operators.has(tenantId);
  }

  /** @throws PermissionError `target_not_allowed` */
  #assertInReach(auth: AuthContext, target: Target): void {
    const { kind } = readTarget(target);
    const tenant = tenantOf(target);
    const isOperator = this.#isOperator(auth);
    const isWide = kind === 'tenant' || (tenant === undefined && kind !== 'token');
    if (isWide && !(isOperator && this.#allow.has(kind))) throw notAllowed(kind, isOperator);
    if (isWide || tenant === auth.tenantId) return;
    // In an API of one tenant, its callers' tenant is the only one that there is.
    const isAccepted = tenant === undefined || this.#operators !== undefined;
    if (!(isOperator && isAccepted)) throw notAllowed(kind, isOperator);
  }

  /** @throws LimitError */
  #spend(caller: string): void {
    const now = this.#now();
    let window = this.#spent.get(caller);
    if (window === undefined || !(now - window.start < MINUTE && now >= window.start)) {
      if (this.#spent.size >= MAX_CALLERS) this.#spent.clear();
      window = { start: now, count: 0 };
      this.#spent.set(caller, window);
    }
    if (++window.count <= PER_MINUTE) return;
    throw new LimitError({
      message: `The caller has sent more than ${PER_MINUTE} requests about revocations within a minute.`,
      hint: 'Revoke a wider target, such as the client or the tenant, in the place of many callers.',
      retryAfter: (window.start + MINUTE - now) / 1000,
    });
  }

  #tell(auth: AuthContext, action: 'revoke' | 'lift', record: RevocationRecord, because: string): void {
    if (!revocationEvents.listening) return;
    const { kind, tenantId, objectId, clientId, subjectKey } = auth;
    const by = { kind, tenantId, objectId, clientId, subjectKey };
    const { id } = record;
    const facts = { id, action, record, because, by } as const;
    revocationEvents.publish({ v: 1, type: 'revocation', time: this.#now(), change: 'requested', ...facts });
  }
}

function allowed(given: unknown = []): ReadonlySet<string> {
  if (Array.isArray(given) && given.every((kind) => WIDE.includes(kind as WideTarget))) return new Set(given);
  throw new ConfigurationError(
    `allow is ${Array.isArray(given) ? `[${given.map((one) => printable(one)).join(', ')}]` : printable(given)}.`,
    `List kinds of targets: ${WIDE.join(', ')}. All others need no listing.`,
  );
}

function operators(given: unknown, severalTenants: boolean): ReadonlySet<string> | undefined {
  if (given === undefined && !severalTenants) return undefined;
  if (Array.isArray(given) && given.every(isGuid)) return new Set(given.map((id) => id.toLowerCase()));
  throw new ConfigurationError(
    given === undefined
      ? 'Several tenants are accepted, and operatorTenants does not say whose callers may revoke in all of them.'
      : `operatorTenants is ${Array.isArray(given) ? `[${given.map((one) => printable(one)).join(', ')}]` : printable(given)}.`,
    'List the IDs of the tenants of your operators: operatorTenants: [tenantId]. Callers of other tenants reach only their own tenant. With [] all do.',
  );
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid(error);
  }
}

function misunderstood(error: unknown): never {
  throw invalid(error);
}

/** What is a mistake of the programmer elsewhere is here one of the caller, who is told of it. */
function invalid(error: unknown): unknown {
  if (!ConfigurationError.is(error)) return error;
  const { problem, hint } = error;
  return new RequestError({ code: 'request_invalid', message: `${problem} ${hint}`, hint });
}

function notAllowed(kind: TargetKind, isOperator: boolean): PermissionError {
  return new PermissionError({
    code: 'target_not_allowed',
    message: `The caller may not revoke or lift a target of the kind ${kind} of that reach.`,
    hint: isOperator
      ? `Name the tenant that the API accepts. For all callers of a tenant or app, name ${kind} in \`allow\` of the routes.`
      : 'Callers reach their own tenant. Those of `operatorTenants` reach all, and what `allow` names.',
  });
}

function notFound(id: string): PermissionError {
  return new PermissionError({
    code: 'target_not_allowed',
    message: `There is no revocation ${printable(id)} within reach of the caller.`,
    hint: 'List them with GET, and copy the id.',
    status: 404,
  });
}
