import { exposedScope } from '../directory/exposed-scopes.js';
import type { Person } from '../directory/people.js';
import { assertAssigned } from '../directory/permissions.js';
import type { Tenant } from '../directory/tenants.js';
import type { EntraServices } from '../endpoints/call.js';
import { missingScopes } from '../endpoints/consent.js';
import { mergedClaims } from '../endpoints/grants/merged-claims.js';
import { contextsIn } from '../endpoints/grants/requested-claims.js';
import { asOAuthError } from '../endpoints/oauth-error.js';
import { grantedScopes, type ScopeRequest } from '../endpoints/scope-request.js';
import { type Account, type Browser, signedInAccounts } from './browsers.js';
import type { Ask, Step, Task } from './interactions.js';

/** What a user has done in an interaction. */
export interface Done {
  readonly consented: boolean;
  readonly confirmed: boolean;
}

/** The next step of a sign-in, or its end: the `claims` parameter with what policies demanded. */
export type Next =
  | { readonly step: Step }
  | { readonly step: undefined; readonly account: Account; readonly claims: string | undefined };

/** How many policies are joined for one API. */
const mostDemands = 20;

/** Decides what a user has to do next: to choose an account, to do more, to consent, to confirm. */
export function nextStep(entra: EntraServices, task: Task, account: Account | undefined, done: Done): Next {
  if (account === undefined) return { step: { kind: 'account' } };
  try {
    entra.accounts.assertMaySignIn(account.person, account.at);
    for (const { api } of task.wants) assertAssigned(api, { kind: 'User', name: account.person.name });
    const claims = demandedClaims(entra, task, account);
    const contexts = contextsIn(claims).filter((one) => !account.contexts.has(one));
    if (contexts.length > 0) return { step: { kind: 'mfa', contexts } };
    const step = consentStep(entra, task, account, done.consented);
    if (step !== undefined) return { step };
    if (task.confirmation !== undefined && !done.confirmed) return { step: { kind: 'confirm' } };
    return { step: undefined, account, claims };
  } catch (error) {
    return { step: { kind: 'refused', error: asOAuthError(error) } };
  }
}

/** Finds the account that signs in without a page (single sign-on), if there is exactly one that the request allows. */
export function currentAccounts(entra: EntraServices, browser: Browser, task: Task): readonly Account[] {
  const { tenant, loginHint, domainHint, maxAge } = task;
  const hinted = loginHint === undefined ? undefined : hintedPerson(entra, loginHint, tenant).oid;
  return signedInAccounts(entra, browser, tenant).filter(
    ({ person, at }) =>
      (hinted === undefined || person.oid === hinted) &&
      isInDomain(person.upn, domainHint) &&
      (maxAge === undefined || entra.now() - at < maxAge * 1000),
  );
}

/** Finds the user of a `login_hint`: a name, a user principal name or an object ID. */
export function hintedPerson({ people }: EntraServices, hint: string, tenant: Tenant): Person {
  return people.named(people.nameOf(hint.toLowerCase()) ?? hint, tenant);
}

/** Whether a user belongs to the domain of a `domain_hint`, which may also be `organizations` or `consumers`. */
export function isInDomain(upn: string, hint: string | undefined): boolean {
  return hint === undefined || !hint.includes('.') || upn.toLowerCase().endsWith(`@${hint.toLowerCase()}`);
}

/** @throws {OAuthError} AADSTS53003 where a policy blocks the user */
function demandedClaims({ policies }: EntraServices, task: Task, { person }: Account): string | undefined {
  let claims = task.claims;
  // Refuses what is not JSON.
  contextsIn(claims);
  for (const { api } of task.wants) {
    const asked = { oid: person.oid, clientId: task.client.clientId, api };
    // Policies that contradict each other are never all satisfied: the token endpoint refuses then.
    for (let count = 0; count < mostDemands; count++) {
      const demand = policies.unmet(asked, claims);
      if (demand === undefined) break;
      claims = mergedClaims(claims, demand);
    }
  }
  return claims;
}

function consentStep(
  entra: EntraServices,
  task: Task,
  { person }: Account,
  consented: boolean,
): Step | undefined {
  const { client, wants, prompt, forAll = false } = task;
  const isAdmin = entra.people.isAdmin(person);
  const askAgain = (forAll || prompt === 'consent') && !consented;
  const question = { clients: [client], person };
  const missing = (request: ScopeRequest) =>
    askAgain && request.api.clientId !== client.clientId
      ? grantedScopes(request)
      : missingScopes(entra.consents, request, question);
  const asks: readonly Ask[] = wants
    .map((request) => ({ request, scopes: missing(request) }))
    .filter(({ scopes }) => scopes.length > 0);
  if (asks.length === 0) return undefined;
  const adminOnly =
    forAll || !entra.userConsent || asks.some(({ request, scopes }) => needsAdmin(request, scopes));
  return adminOnly && !isAdmin ? { kind: 'approval', asks } : { kind: 'consent', asks };
}

function needsAdmin({ api }: ScopeRequest, scopes: readonly string[]): boolean {
  return scopes.some((scope) => exposedScope(api, scope).adminOnly);
}
