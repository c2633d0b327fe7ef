import { readRequestHost } from '../match/host.js';
import type { PolicyCaller, PolicyTest } from '../tables/caller.js';
import { nearestName } from './nearest-name.js';
import { BAD, type Reading } from './reading.js';
import type { Read, ReadBy } from './shape.js';
import { shown } from './shown.js';
import { ASKED_METHODS, type testShape } from './table-shape.js';

type TestFacts = ReadBy<typeof testShape>;

/** What a row is read with. */
export interface TestPlace {
  readonly callers: ReadonlyMap<string, PolicyCaller>;
  /** The hosts of all applications. */
  readonly hostNames: readonly string[];
  readonly reading: Reading;
}

/** Reads one row of the table `tests`. */
export function readTest({ value: row, node }: TestFacts, place: TestPlace): Read<PolicyTest> {
  const { reading } = place;
  const asked = ASKED_METHODS.filter((method) => row[method] !== undefined);
  const [method] = asked;
  if (method === undefined || asked.length > 1) {
    return reading.note(
      node,
      asked.join(' and ') || 'no method',
      'one method with its path: GET: /orders/42',
    );
  }
  if ((row.allow === undefined) === (row.refuse === undefined)) {
    return reading.note(
      node,
      row.allow === undefined ? 'neither allow nor refuse' : 'allow and refuse',
      'one of them: allow: true, or refuse: scope_missing',
    );
  }
  const caller = callerOf(row, place);
  const host = hostOf(row, node, place);
  if (caller === BAD || host === BAD) return BAD;
  const { as } = row;
  return Object.freeze({
    as: as === undefined ? undefined : typeof as.value === 'string' ? as.value : as.value.value,
    caller,
    host,
    method,
    path: row[method] as string,
    allow: row.allow === true,
    refuse: typeof row.refuse === 'string' ? row.refuse : undefined,
    rule: row.rule,
    line: reading.placeOf(node.at).line,
  });
}

function callerOf(
  { as }: TestFacts['value'],
  { callers, reading }: TestPlace,
): Read<PolicyCaller | undefined> {
  if (as === undefined) return undefined;
  if (typeof as.value !== 'string') {
    const wrong = wrongCaller(as.value.value);
    return wrong === undefined ? as.value.value : reading.note(as.node, wrong.found, wrong.expected);
  }
  const known = callers.get(as.value);
  if (known !== undefined) return known;
  const near = nearestName(as.value, [...callers.keys()]);
  return reading.note(
    as.node,
    `${shown(as.value)}, which is none of callers`,
    `one of ${[...callers.keys()].join(', ') || 'callers, which has none'}${near === undefined ? '' : `. Did you mean '${near}'?`}`,
  );
}

function hostOf({ host }: TestFacts['value'], node: TestFacts['node'], place: TestPlace): Read<string> {
  const { hostNames, reading } = place;
  if (host !== undefined) {
    return readRequestHost(host) === undefined
      ? reading.note(node, `the host ${shown(host)}`, 'a host')
      : host;
  }
  const [only] = hostNames;
  if (hostNames.length === 1 && only !== undefined && !only.startsWith('*')) return only;
  // Where no application could be read, that is what has to be said.
  if (hostNames.length === 0) return BAD;
  return reading.note(node, 'no host', `the member host, since there are ${hostNames.join(', ')}`);
}

/** What is wrong with a caller; `undefined` where Entra issues such tokens. */
export function wrongCaller(
  caller: PolicyCaller,
): { readonly found: string; readonly expected: string } | undefined {
  const kinds = (['user', 'app', 'agent'] as const).filter((kind) => caller[kind] !== undefined);
  if (kinds.length !== 1) {
    return { found: kinds.join(' and ') || 'no caller', expected: 'one of user, app and agent' };
  }
  const person = caller.user ?? caller.for;
  if (caller.for !== undefined && caller.agent === undefined) {
    return {
      found: 'for without agent',
      expected: 'an agent that acts for a user: { agent: helper, for: ada }',
    };
  }
  if (person !== undefined && (caller.scopes ?? []).length === 0) {
    return {
      found: 'a user without scopes',
      expected: 'at least one: Entra issues no token for an API without a scope',
    };
  }
  if (person !== undefined) return undefined;
  const ofUsers = (
    ['scopes', 'groups', 'guest', 'client', 'authenticationContexts', 'signedIn'] as const
  ).find((name) => caller[name] !== undefined);
  return ofUsers === undefined
    ? undefined
    : { found: `${ofUsers} of a caller without a user`, expected: 'roles only, or a user' };
}
