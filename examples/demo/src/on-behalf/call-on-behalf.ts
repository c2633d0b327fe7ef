import type {} from '@entra-guard/downstream';
import { type DecisionEvent, onEvent } from '@entra-guard/express';
import type { LoopbackEntra } from '@entra-guard/testing';
import { type Answer, ask } from '../ask.js';
import { SignIn } from '../sign-in.js';
import { type OnBehalfStage, setOnBehalfStage } from './stage.js';

/** One request of a user to the orders API, and who was seen by whom. */
export interface Passed {
  readonly who: string;
  readonly request: string;
  /** Status, and the code of a refusal. */
  readonly status: string;
  /** What the audit event of the orders API shows. */
  readonly orders: string;
  /** What the orders API was given for the next API: from where the token came, or why there was none. */
  readonly token: string;
  /** What the audit event of the stock API shows; what Graph answered. */
  readonly next: string;
  readonly asExpected: boolean;
}

type Expected = Omit<Passed, 'who' | 'request' | 'asExpected'>;

const letThrough = (who: string): Omit<Expected, 'next'> => ({
  status: '200',
  orders: `${who}, by orders-web`,
  token: 'by an exchange',
});

/** Has users call the orders API, which calls Graph and the stock API on behalf of them. */
export async function callOnBehalf(): Promise<readonly Passed[]> {
  const stage = await setOnBehalfStage();
  try {
    const { entra } = stage;
    const signIn = new SignIn(entra);
    const read = ['Orders.Read'];
    const ada = await signIn.user('ada', read);
    const me = await pass(stage, 'ada', '/me', ada, { ...letThrough('ada'), next: 'Graph: Ada Lovelace' });
    const items = await pass(stage, 'ada', '/items', ada, { ...letThrough('ada'), next: 'ada, by orders' });

    // Conditional Access demands more of Grace before there are tokens for the stock API.
    const claims = { access_token: { acrs: { essential: true, value: 'c1' } } };
    entra.conditionalAccess('grace', 'stock', { claims });
    const grace = await signIn.user('grace', read);
    const refused = await pass(stage, 'grace', '/items', grace, {
      status: '401 downstream_step_up_required',
      orders: 'grace, by orders-web',
      token: 'refused, AADSTS50076',
      next: 'not called',
    });
    // A client that understands claims challenges signs its user in again, with the claims that Entra demands.
    const steppedUp = await signIn.user('grace', read, challengedClaims(refused.answer));
    const again = await pass(stage, 'grace, stepped up', '/items', steppedUp, {
      ...letThrough('grace'),
      next: 'grace, by orders',
    });
    return [me, items, refused, again].map(({ passed }) => passed);
  } finally {
    await stage.close();
  }
}

async function pass(
  { entra, orders }: OnBehalfStage,
  who: string,
  path: string,
  token: string,
  expected: Expected,
): Promise<{ readonly passed: Passed; readonly answer: Answer }> {
  const seen = { orders: 'none', token: 'none', next: 'not called' };
  const stop = onEvent(
    (event) => {
      if (event.type === 'downstream') {
        seen.token = event.outcome === 'deny' ? `refused, AADSTS${event.aadsts}` : `by an ${event.source}`;
      } else if (event.type === 'decision') {
        seen[event.requirement?.includes('Stock.Read') ? 'next' : 'orders'] = inWords(entra, event);
      }
    },
    { types: ['decision', 'downstream'] },
  );
  const answer = await ask(orders, { method: 'GET', path, authorization: [`Bearer ${token}`] });
  stop();
  const { code, displayName } = JSON.parse(answer.body) as {
    readonly code?: string;
    readonly displayName?: string;
  };
  if (displayName !== undefined) seen.next = `Graph: ${displayName}`;
  const status = [answer.status, code].filter((part) => part !== undefined).join(' ');
  const asExpected =
    status === expected.status &&
    (['orders', 'token', 'next'] as const).every((name) => seen[name] === expected[name]);
  return { passed: { who, request: `GET ${path}`, status, ...seen, asExpected }, answer };
}

/** Who called: the user, and the app that acts for them. */
function inWords(entra: LoopbackEntra, { who }: DecisionEvent): string {
  const user = ['ada', 'grace'].find((name) => entra.objectIdOf(name) === who?.objectId);
  const app = ['orders-web', 'orders'].find((name) => entra.clientIdOf(name) === who?.clientId);
  return `${user}, by ${app}`;
}

/** Returns the claims that a challenge asks the client to request. */
function challengedClaims({ status, challenge }: Answer): string {
  const [, claims] = /claims="([^"]+)"/.exec(challenge) ?? [];
  if (claims === undefined) throw new Error(`The API answered ${status} without a claims challenge.`);
  return Buffer.from(claims, 'base64').toString('utf8');
}
