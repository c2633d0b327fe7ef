import { ConfigurationError } from '@entra-guard/core';
import type { EntraServices } from '../endpoints/call.js';
import type { SectionPath } from './frame.js';

/** What a button of the portal does. */
interface Action {
  /** The page that shows the result. */
  readonly path: SectionPath;
  /** Says what was done. */
  readonly done: string;
  /** @returns `false` if the object does not exist */
  run(entra: EntraServices, target: string, form: URLSearchParams): boolean;
}

const onUser = (
  done: string,
  change: (accounts: EntraServices['accounts'], person: ReturnType<EntraServices['people']['named']>) => void,
): Action => ({
  path: '/portal',
  done,
  run: ({ accounts, people, tenants }, name) => {
    if (!people.told.includes(name)) return false;
    change(accounts, people.named(name, tenants.home));
    return true;
  },
});

/** What the portal can do. */
export const actions: Readonly<Record<string, Action>> = {
  disable: onUser('The account is disabled.', (accounts, person) => accounts.disable(person)),
  enable: onUser('The account is enabled.', (accounts, person) => accounts.enable(person)),
  remove: onUser('The account is removed.', (accounts, person) => accounts.remove(person)),
  restore: onUser('The account is restored.', (accounts, person) => accounts.restore(person)),
  'revoke-sessions': onUser('All sign-ins of the user have ended.', (accounts, person) =>
    accounts.revokeSessions(person),
  ),
  'revoke-consent': {
    path: '/portal/access',
    done: 'The grant was taken back.',
    run: ({ consents }, id) => consents.revoke(id),
  },
  'add-policy': {
    path: '/portal/access',
    done: 'The policy applies from the next token request on.',
    run: addPolicy,
  },
  'lift-policy': {
    path: '/portal/access',
    done: 'The policy was lifted.',
    run: ({ policies }, id) => policies.lift(id),
  },
};

const contextC1 = { access_token: { acrs: { essential: true, value: 'c1' } } };

function addPolicy(
  { apps, people, tenants, policies }: EntraServices,
  user: string,
  form: URLSearchParams,
): boolean {
  if (user.trim() === '') return false;
  const { oid } = people.named(user.trim(), tenants.home);
  const api = form.get('api') ?? '';
  const demand = form.get('demand');
  if (demand !== 'c1' && demand !== 'block') {
    throw new ConfigurationError(`The demand is "${demand ?? ''}".`, 'Write c1 or block.');
  }
  policies.demand(
    oid,
    api === '' ? undefined : apps.api(api).clientId,
    demand === 'c1' ? { claims: contextC1 } : {},
  );
  return true;
}
