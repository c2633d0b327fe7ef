import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { text } from 'node:stream/consumers';

// With one processor, nothing would be verified in the thread pool.
os.availableParallelism = () => 2;
syncBuiltinESMExports();

const { createGuard, createValidator, evaluate, authorize, authenticated, members, scopes } = await import(
  '@entra-guard/core'
);
const { API, documents, KEY, NOW, STRANGER, signed, TENANT, tenantPages, userClaims } = await import(
  '../../support/forger.js'
);

const { crowd } = await import('../../../packages/core/test/token/crowd.js');

const names: readonly string[] = JSON.parse(await text(process.stdin));
const read = scopes('Orders.Read');

Error.stackTraceLimit = 0;

let number = 0;
/** Makes a new token. */
const token = (changes: Record<string, unknown> = {}, key = KEY): string =>
  signed(userClaims({ uti: `t-${++number}`, scp: 'Orders.Read', ...changes }), { kid: KEY.kid }, { key });
const requestWith = (bearer: string) => ({ headers: { authorization: `Bearer ${bearer}` }, method: 'GET' });

const validator = createValidator({
  tenantId: TENANT,
  clientId: API,
  fetch: documents(tenantPages()).fetch,
  now: () => NOW,
  log: false,
});
const guard = createGuard({ validator });
const goodToken = token();
const ada = await guard.authenticate(requestWith(goodToken));

const forgeries = Array.from({ length: 4 }, () => token({}, STRANGER));
const lacking = token({ scp: 'Other' });
const expired = token({ exp: Math.floor(NOW / 1000) - 3600, iat: 1, nbf: 1 });
const foreign = token({ aud: '99999999-aaaa-2222-bbbb-3333cccc4444' });

/** Throws unless each requirement is as strict as it was written. */
function assertStrict(): void {
  const loose = (members() as { node: { unknown?: string } }).node.unknown !== 'deny';
  const looser = (authenticated() as { node: { unassignedApps?: boolean } }).node.unassignedApps !== false;
  if (!loose && !looser) throw new Error('denied');
}

type Attack = readonly [what: string, attempt: () => unknown];
const attacks: readonly Attack[] = [
  ['no credentials: require', () => guard.decide({ headers: {}, method: 'GET' }, read)],
  ['no credentials: authenticate', () => guard.authenticate({ headers: {}, method: 'GET' })],
  ['no credentials: authenticate with a place', () => guard.authenticate({ headers: {} }, { handler: 'x' })],
  ['a forged token: validate', () => validator.validate(forgeries[0] as string)],
  ['a forged token: require', () => guard.decide(requestWith(forgeries[1] as string), read)],
  ['a forged token: authenticate', () => guard.authenticate(requestWith(forgeries[2] as string))],
  ['an expired token', () => guard.decide(requestWith(expired), read)],
  ['a token of another API', () => guard.decide(requestWith(foreign), read)],
  ['a lacking scope: require', () => guard.decide(requestWith(lacking), read)],
  ['a lacking scope: authorize', () => authorize(scopes('Orders.Write'), ada)],
  [
    'a lacking scope: evaluate',
    () => {
      if (!evaluate(scopes('Orders.Write'), ada).granted) throw new Error('denied');
    },
  ],
  [
    'a forged token in a crowd: require',
    () => {
      crowd();
      return guard.decide(requestWith(forgeries[3] as string), read);
    },
  ],
  ['a requirement that asks for less', () => assertStrict()],
  ['a forged token in a crowd: validate', () => validator.validate(forgeries[0] as string)],
  ['a lacking scope in a crowd', () => guard.decide(requestWith(lacking), read)],
];

/** Values to set on `Object.prototype`. */
const values: readonly unknown[] = [
  true,
  `Bearer ${goodToken}`,
  ['authorization', `Bearer ${goodToken}`],
  (first: unknown) => {
    if (typeof first === 'function') first(ada);
    return `Bearer ${goodToken}`;
  },
];

/** Returns the status that a host answers, or 500 if the answer can't be made. */
function statusOf(error: unknown): number {
  try {
    return guard.toHttp(error).status;
  } catch {
    return 500;
  }
}

/** Names that break every loop over a list, also in Node's code. */
const THE_LANGUAGE_OWN = ['return'];

const prototype = Object.prototype as unknown as Record<string, unknown>;
const found: string[] = [];
let tried = 0;
let good = 0;
let at = '';
const crash = (error: unknown): void => {
  found.push(`${at}: the process would have ended: ${error instanceof Error ? error.stack : String(error)}`);
};
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

// By index, because the polluted prototype may break iterators.
for (let index = 0; index < names.length; index++) {
  const name = names[index] as string;
  if (name in Object.prototype || THE_LANGUAGE_OWN.includes(name)) continue;
  for (let which = 0; which < values.length; which++) {
    at = `Object.prototype.${name} = ${which}`;
    let open = attacks.length;
    tried++;
    let accepted = false;
    prototype[name] = values[which];
    try {
      for (let next = 0; next < attacks.length; next++) {
        const what = (attacks[next] as Attack)[0];
        const attempt = (attacks[next] as Attack)[1];
        const refused = (error: unknown): void => {
          open--;
          if (!(statusOf(error) >= 400)) found.push(`${at}: ${what}: answered with ${statusOf(error)}`);
        };
        try {
          const outcome = attempt() as { then(resolve: () => void, reject: (error: unknown) => void): void };
          // Not by its `then`, which may be on the prototype.
          if (outcome instanceof Promise) {
            Promise.prototype.then.call(
              outcome,
              () => {
                open--;
                found.push(`${at}: ${what}: let in`);
              },
              refused,
            );
          } else {
            open--;
            found.push(`${at}: ${what}: let in at once`);
          }
        } catch (error) {
          refused(error);
        }
      }
      try {
        accepted =
          (guard.decide(requestWith(goodToken), read) as { objectId?: string }).objectId === ada.objectId;
      } catch {
        accepted = false;
      }
      if (accepted) good++;
      for (const end = performance.now() + 2000; open > 0 && performance.now() < end; ) await turn();
    } finally {
      delete prototype[name];
    }
    if (open > 0) found.push(`${at}: ${open} not answered`);
  }
}
await turn();
process.stdout.write(JSON.stringify({ tried, accepted: good, found: found.slice(0, 20) }));
