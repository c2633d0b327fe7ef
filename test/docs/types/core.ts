// What must not compile, and what must: checked by `npm run types`, never run.
import {
  type AuthContext,
  allOf,
  anonymous,
  anyOf,
  appPermissions,
  authenticated,
  authorize,
  check,
  clients,
  createGuard,
  createValidator,
  type DecisionEvent,
  type EntraClaims,
  EntraGuardError,
  type ErrorCode,
  evaluate,
  type Grant,
  type Guard,
  inTenants,
  KeysUnavailableError,
  LimitError,
  members,
  type Narrowing,
  optionsFromEnv,
  type Part,
  PermissionError,
  RequestError,
  StepUpError,
  scopes,
  signedInWithin,
  type TokenError,
  tighten,
  toHttp,
  UnavailableError,
  type Validator,
  type ValidatorOptions,
} from '@entra-guard/core';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

declare const auth: AuthContext;
declare const guard: Guard;
declare const request: Request;
declare const error: unknown;
const tenantId = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const clientId = '00001111-aaaa-2222-bbbb-3333cccc4444';

// Options: exactly one of tenantId, tenants and authority, and nothing misspelt.
createValidator({ tenantId, clientId });
createValidator({ tenants: [tenantId], clientId });
createValidator({ tenants: 'any-organization', clientId });
createValidator({ tenants: async (tid) => tid === tenantId, clientId });
createValidator({ authority: 'https://contoso.ciamlogin.com', clientId });
createValidator([
  { tenantId, clientId },
  { authority: 'https://contoso.ciamlogin.com', clientId },
]);
createValidator(optionsFromEnv());
// Settings of all authorities: in the second argument, or next to the options of one.
const groupsOf = async (): Promise<readonly string[]> => [];
createValidator([{ tenantId, clientId }], { groupsOf });
createValidator({ tenantId, clientId, groupsOf });
createValidator([{ tenantId, clientId, groupsOf }]);
createGuard({
  authorities: [{ tenantId, clientId }],
  groupsOf,
  loadUser: ({ auth }) => ({ id: auth.subjectKey }),
});
createGuard({ authorities: [{ tenantId, clientId, groupsOf }] });
createValidator([
  { tenantId, clientId },
  // @ts-expect-error a setting inside one of several
  { tenants: [tenantId], clientId, groupsOf },
]);
// @ts-expect-error a setting of a guard
createValidator({ tenantId, clientId }, { explain: true });
// @ts-expect-error a user is an object
createGuard({ tenantId, clientId, loadUser: () => null });
// @ts-expect-error a misspelt option
createValidator({ tenantId, clientID: clientId });
// @ts-expect-error no clientId
createValidator({ tenantId });
// @ts-expect-error none of the three
createValidator({ clientId });
// @ts-expect-error tenantId beside tenants
createValidator({ tenantId, tenants: [tenantId], clientId });
// @ts-expect-error tenantId beside authority
createValidator({ tenantId, authority: 'https://contoso.ciamlogin.com', clientId });
// @ts-expect-error an environment variable that may be unset
createValidator({ tenantId: process.env.TENANT_ID, clientId });
// @ts-expect-error an alias where a list belongs
createValidator({ tenants: 'common', clientId });
// @ts-expect-error an algorithm that Entra does not sign with
createValidator({ tenantId, clientId, algorithms: ['HS256'] });
// @ts-expect-error a cloud that was closed
createValidator({ tenantId, clientId, cloud: 'germany' });
// @ts-expect-error a misspelt limit
createValidator({ tenantId, clientId, keys: { softage: 1000 } });
declare const options: ValidatorOptions;
// @ts-expect-error options are read only
options.clientId = clientId;

// Requirements: never empty, never a narrowing in the place of a grant.
const read: Grant = scopes('Orders.Read');
const member: Narrowing = members();
allOf(read, member, clients(clientId), inTenants(tenantId), signedInWithin('15m'));
anyOf(read, appPermissions('Orders.Read.All'), allOf(authenticated(), member));
allOf(
  read,
  check(
    'owns order',
    async ({ auth: caller, resolve }) => (await resolve<string>('owner')) === caller.objectId,
  ),
);
holds<Equal<ReturnType<typeof tighten>, Grant>>();
anyOf(tighten(read, allOf(read, member), { until: new Date('2030-01-31') }), appPermissions('A'));
// @ts-expect-error without a time at which it switches
tighten(read, allOf(read, member));
// @ts-expect-error a time as text, which may be of any zone
tighten(read, allOf(read, member), { until: '2030-01-31' });
// @ts-expect-error a narrowing alone
tighten(read, member, { until: 0 });
// @ts-expect-error an opening that becomes a requirement
tighten(anonymous(), read, { until: 0 });
// @ts-expect-error no scope
scopes();
// @ts-expect-error no application permission
appPermissions();
// @ts-expect-error a scope that may be unset
scopes(process.env.SCOPE);
// @ts-expect-error a list that may be empty
scopes(...([] as string[]));
// @ts-expect-error a list in the place of values
scopes(['Orders.Read']);
// @ts-expect-error no requirement
anyOf();
// @ts-expect-error no requirement
allOf();
// @ts-expect-error a narrowing alone in a branch
anyOf(read, members());
// @ts-expect-error an opening among grants
anyOf(read, anonymous());
// @ts-expect-error an opening among conditions
allOf(read, anonymous());
// @ts-expect-error a string in the place of a requirement
anyOf('Orders.Read');
// @ts-expect-error a builder that nobody called
anyOf(read, members);
// @ts-expect-error a misspelt option
authenticated({ unassigned: true });
// @ts-expect-error another answer for unknown facts
members({ unknown: 'permit' });
// @ts-expect-error a check without a function
check('owns order');
// @ts-expect-error a check that answers with text
check('owns order', () => 'yes');
// @ts-expect-error a requirement is a value
read.role = 'anonymous';
// @ts-expect-error and so is its tree
read.node.kind = 'anonymous';
holds<Equal<ReturnType<typeof read.because>, Grant>>();
holds<Equal<ReturnType<typeof member.because>, Narrowing>>();

// A guard asks for a grant.
void guard.require(request, read, { handler: 'GET /orders' });
void guard.require(request, anonymous().because('health probe'));
// @ts-expect-error a narrowing alone
void guard.require(request, members());
// @ts-expect-error a string
void guard.require(request, 'Orders.Read');
// @ts-expect-error nothing
void guard.require(request);
// @ts-expect-error a misspelt option
createGuard({ tenantId, clientId, explian: true });
declare const validator: Validator;
createGuard({ validator, explain: true });
createGuard({ authorities: [{ tenantId, clientId }], auditClaims: ['acr'] });

// Who may be absent is typed so.
holds<Equal<Awaited<ReturnType<Validator['validate']>>, AuthContext>>();
const surely: Promise<AuthContext> = guard.authenticate(request);
const perhaps: Promise<AuthContext | undefined> = guard.authenticate(request, { optional: true });
// @ts-expect-error with optional there may be nobody
const certain: Promise<AuthContext> = guard.authenticate(request, { optional: true });
// @ts-expect-error another guard may have authenticated, or none
const known: AuthContext = guard.authOf(request);

// The caller: read only, all the way down, and honest about what a token may lack.
const kind: 'user' | 'app' = auth.kind;
holds<Equal<AuthContext['objectId'], string | undefined>>();
holds<Equal<AuthContext['tokenId'], string | undefined>>();
holds<Equal<AuthContext['guest'], boolean | undefined>>();
holds<Equal<EntraClaims['oid'], string | undefined>>();
holds<Equal<EntraClaims['roles'], readonly string[] | undefined>>();
const scopeNames: string[] = [...auth.scopes];
holds<Equal<ReturnType<typeof auth.scopes.map<number>>, number[]>>();
holds<typeof auth.scopes extends readonly string[] ? true : false>();
holds<Equal<ReturnType<typeof auth.claims.hasOwnProperty>, boolean>>();
const claim: unknown = auth.claims['extn.department'];
// @ts-expect-error a caller does not change kind
auth.kind = 'app';
// @ts-expect-error nor scopes
auth.scopes.add('Orders.Write');
// @ts-expect-error by no method of an array either
auth.scopes.push('Orders.Write');
// @ts-expect-error nor roles
auth.roles = auth.scopes;
// @ts-expect-error nor claims
auth.claims.oid = 'x';
// @ts-expect-error nor what is in them
auth.claims.roles?.push('Admin');
// @ts-expect-error it does not hold the token
auth.token;
// @ts-expect-error some B2C users have no object ID
const objectId: string = auth.objectId;
// @ts-expect-error groups may be too many for the token
auth.groups.has('g');
// @ts-expect-error a token may not say whether an agent acts
const agent: boolean = auth.agent.actor;
// @ts-expect-error a claim that is not listed may be anything
const department: string = auth.claims['extn.department'];

// Decisions and errors narrow by what they are.
const decision = evaluate(read, auth, { now: 0 });
// @ts-expect-error only a denial has a code
decision.code;
if (!decision.granted) {
  const code: ErrorCode = decision.code;
  holds<Equal<typeof decision.missing, readonly string[]>>();
  void code;
}
holds<Equal<ReturnType<typeof authorize>, Promise<void>>>();
if (EntraGuardError.is(error)) {
  const { code, status, hint } = error;
  // @ts-expect-error not every error has a time to wait
  error.retryAfter;
  // @ts-expect-error not a code of ours
  const nothing = code === 'token_outdated';
  void [status.toFixed(), hint.trim(), nothing];
}
if (KeysUnavailableError.is(error)) error.retryAfter.toFixed();
if (UnavailableError.is(error)) {
  holds<Equal<typeof error.part, Part>>();
  error.retryAfter.toFixed();
}
if (LimitError.is(error)) error.retryAfter.toFixed();
if (RequestError.is(error)) error.allow.join();
if (PermissionError.is(error)) {
  const { scopes: enough } = error.enough;
  void enough;
  // @ts-expect-error only a step-up has a challenge
  error.stepUp;
}
if (StepUpError.is(error)) void [error.enough, error.stepUp.kind];
declare const tokenError: TokenError;
// @ts-expect-error errors are read only
tokenError.status = 200;

const answer = toHttp(error);
// @ts-expect-error so are answers
answer.headers['WWW-Authenticate'] = 'Bearer';
declare const event: DecisionEvent;
// @ts-expect-error and events
event.outcome = 'allow';
// @ts-expect-error nobody is known of a refused token
const objectIdInEvent: string = event.who.objectId;

void [surely, perhaps, certain, known, kind, scopeNames, claim, objectId, agent, department, objectIdInEvent];
