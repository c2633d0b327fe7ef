import { type AuthContext, createValidator, type Duration, secondsOf } from '@entra-guard/core';
import type { Policy, PolicyCaller, PolicyTest } from '@entra-guard/proxy/policy';
import type * as Testing from '@entra-guard/testing';
import { BadInputError } from '../bad-input.js';
import { fromProject } from '../project/project-package.js';
import type { Session } from '../session.js';
import { RUN_POLICY_TEST } from './policy-package.js';

type LocalEntra = Awaited<ReturnType<typeof Testing.startEntra>>;

/**
 * Gives each caller of a policy's tests a real token of a local Entra in this process, and has a validator judge it.
 *
 * @throws BadInputError where the local Entra is missing, in production, or gives a caller no token
 */
export async function contextsOf(
  session: Session,
  { tests }: Policy,
): Promise<ReadonlyMap<PolicyTest, AuthContext>> {
  if (session.env.NODE_ENV === 'production') {
    throw new BadInputError(
      'NODE_ENV is "production", where no local Entra gives tokens.',
      'Unset NODE_ENV in this terminal: tests run before a policy is deployed.',
    );
  }
  const { startEntra }: typeof Testing = fromProject(session, '@entra-guard/testing', RUN_POLICY_TEST);
  const entra: LocalEntra = await startEntra({ apps: { api: {} } });
  const validator = createValidator({ ...entra.options('api'), log: false });
  const contexts = new Map<PolicyTest, AuthContext>();
  try {
    for (const test of tests) {
      if (test.caller === undefined) continue;
      contexts.set(test, await validator.validate(tokenOf(entra, test.caller, test.line)));
    }
  } finally {
    validator.close();
    await entra.close();
  }
  return contexts;
}

/** What tokens say of AI agents, where neither the user nor the client is one (Entra Agent ID: agent token claims). */
const NO_AGENT = { xms_act_fct: '3 9', xms_sub_fct: '2 3' };

function tokenOf(entra: LocalEntra, caller: PolicyCaller, line: number): string {
  try {
    return issue(entra, caller).token;
  } catch (error) {
    throw new BadInputError(
      `Entra gives the caller of the test in line ${line} no token: ${error instanceof Error ? error.message : String(error)}`,
      'Change the caller, in `as` of the test or in `callers`.',
    );
  }
}

function issue(entra: LocalEntra, caller: PolicyCaller): Testing.IssuedToken {
  const { user, app, agent, scopes, roles = [], groups, client, authenticationContexts, signedIn } = caller;
  const own = { api: 'api', roles };
  if (app !== undefined) return entra.app(app, { ...own, xms_act_fct: '3 9', xms_sub_fct: '3 9' });
  if (user === undefined && caller.for === undefined) return entra.agent(agent, own);
  const ofUser = {
    ...own,
    scp: scopes?.join(' '),
    acct: caller.guest === true ? 1 : 0,
    ...(groups === 'overage' ? { hasgroups: true } : groups === undefined ? {} : { groups }),
    ...(authenticationContexts === undefined ? {} : { acrs: authenticationContexts }),
    ...(signedIn === undefined ? {} : { auth_time: secondsAgo(signedIn) }),
  };
  if (agent !== undefined) {
    return entra.agent(agent, { ...ofUser, ...(caller.for === undefined ? {} : { onBehalfOf: caller.for }) });
  }
  return entra.user(user as string, {
    ...ofUser,
    ...NO_AGENT,
    ...(client === undefined ? {} : { client }),
  });
}

function secondsAgo(duration: string): number {
  return Math.floor(Date.now() / 1000) - secondsOf('signedIn', duration as Duration, { least: 0 });
}
