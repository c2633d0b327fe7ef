import { asksFor } from '../directory/apps.js';
import { guidOf } from '../directory/guid.js';
import type { Person } from '../directory/people.js';
import type { Tenant } from '../directory/tenants.js';
import {
  authorizedParty,
  type Envelope,
  envelope,
  type Mint,
  pairwiseSubject,
  secondsNow,
} from './token-envelope.js';

/** What a delegated token is made from: an app acts for a signed-in user. */
export interface Delegated extends Envelope {
  readonly person: Person;
  readonly clientId: string;
  readonly credential: '0' | '1' | '2';
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** The claim `groups`, or those in its place. */
  readonly groupClaims: Readonly<Record<string, unknown>>;
  /** The home tenant of a guest. */
  readonly guestOf: Tenant | undefined;
  /** When the user signed in, milliseconds since the epoch. Default ten minutes ago. */
  readonly signedInAt?: number;
}

/** Makes the claims of a delegated token. It has no `idtyp` unless the API asks for it in users' tokens too. */
export function delegatedClaims(mint: Mint, token: Delegated): Record<string, unknown> {
  const { api, person, tenant, version } = token;
  return {
    ...envelope(mint, token),
    ...(version === '1.0' ? firstVersionClaims(person, tenant) : {}),
    ...authorizedParty(version, token.clientId, token.credential),
    ...(asksFor(api, 'idtyp', 'include_user_token') ? { idtyp: 'user' } : {}),
    ...token.groupClaims,
    name: person.displayName,
    oid: person.oid,
    ...(version === '2.0' ? { preferred_username: person.upn } : {}),
    ...(token.roles.length > 0 ? { roles: token.roles } : {}),
    scp: token.scopes.join(' '),
    sub: pairwiseSubject(tenant.id, api.clientId, person.oid),
    ...(version === '1.0' ? { unique_name: person.upn } : {}),
    ...(version === '1.0' && token.guestOf === undefined ? { upn: person.upn } : {}),
    ...optionalClaims(mint, token),
    ...(token.guestOf === undefined ? {} : guestClaims(token.guestOf, person)),
  };
}

/** Makes the claims that every version 1 token of a user has. */
function firstVersionClaims(person: Person, tenant: Tenant) {
  return {
    acr: '1',
    amr: ['pwd'],
    family_name: person.familyName,
    given_name: person.givenName,
    ipaddr: '203.0.113.10',
    sid: sessionOf(person, tenant),
  };
}

/** Makes the optional claims that the API's registration asks for, in either version. */
function optionalClaims(mint: Mint, { api, person, tenant, signedInAt }: Delegated): Record<string, unknown> {
  const possible = {
    acct: 0,
    auth_time: signedInAt === undefined ? secondsNow(mint) - 600 : Math.floor(signedInAt / 1000),
    email: person.upn,
    family_name: person.familyName,
    given_name: person.givenName,
    ipaddr: '203.0.113.10',
    sid: sessionOf(person, tenant),
    upn: person.upn,
    // Facets of a client that is not an agent, and of a person. There is no blueprint.
    xms_act_fct: '3',
    xms_sub_fct: '2 3',
  };
  return Object.fromEntries(
    Object.entries(possible).filter(([name]) => asksFor(api, name as keyof typeof possible)),
  );
}

/** Returns the ID of a user’s session, as in `sid`. */
export function sessionOf(person: Person, tenant: Tenant): string {
  return guidOf('session', `${tenant.id}:${person.oid}`);
}

/** Makes the claims of a guest, who signs in at the home tenant: `idp` is the version 1 issuer of that tenant. */
function guestClaims(home: Tenant, person: Person) {
  return { acct: 1, email: person.upn, idp: `https://sts.windows.net/${home.id}/` };
}
