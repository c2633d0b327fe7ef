import { ConfigurationError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import type { AuthContext } from '../../caller/auth-context.js';
import { apart, kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY, nothing } from './outcome.js';
import { knownOptions } from './values.js';

/** What a {@link check}, or the setting `loadUser` of a guard, is told. */
export interface CheckContext {
  readonly auth: AuthContext;
  /** The host's request, as the host made it; `undefined` outside a request. */
  readonly request: unknown;
  /** Finds a provider in hosts that have them (NestJS); rejects elsewhere. */
  readonly resolve: <T = unknown>(token: unknown) => Promise<T>;
}

/** The application's own rule; only `true` grants. */
export type CheckFunction = (context: CheckContext) => boolean | Promise<boolean>;

export interface CheckNode {
  readonly kind: 'check';
  readonly name: string;
  readonly otherwise: 'forbidden' | 'not-found';
  readonly test: CheckFunction;
}

export interface CheckOptions {
  readonly otherwise?: 'forbidden' | 'not-found';
}

export const check = kind<CheckNode, 'narrowing', [string, CheckFunction, CheckOptions?]>({
  name: 'check',
  role: 'narrowing',
  callers: 'both',
  claims: [],
  build: (name, test, options = {}) => {
    const { otherwise = 'forbidden' } = knownOptions('check', options, ['otherwise']);
    if (typeof name !== 'string' || !/^[^'\p{Cc}\p{Cs}]{1,80}$/u.test(name)) {
      throw new ConfigurationError(
        `check() was given the name ${printable(name)}.`,
        "Give it a short name, without quotes: check('owns order', ({ auth, request }) => …).",
      );
    }
    if (typeof test !== 'function') {
      throw new ConfigurationError(
        `check('${name}') was given ${test === null ? 'null' : typeof test} instead of a function.`,
        'Pass a function that returns true, or a promise of true, to grant.',
      );
    }
    if (otherwise !== 'forbidden' && otherwise !== 'not-found') {
      throw new ConfigurationError(
        `check('${name}') was given otherwise: ${printable(otherwise)}.`,
        "Use 'forbidden' (403) or 'not-found' (404).",
      );
    }
    return { kind: 'check', name, otherwise, test };
  },
  print: ({ name, otherwise }) =>
    otherwise === 'not-found' ? `'${name}', { otherwise: 'not-found' }` : `'${name}'`,
  parse: (printed) =>
    printed.refuse(
      'check(...), whose function text does not hold',
      "Add it in code: allOf(parseRequirement('…'), check('…', fn)). Or store the requirement's JSON, and give its reader the function: requirementFromJSON(json, { checks }).",
    ),
  read: (members) => {
    const name = members.text('name') ?? '';
    const otherwise = members.text('otherwise') ?? 'forbidden';
    return [name, members.check(name), { otherwise: otherwise as CheckNode['otherwise'] }];
  },
  judge: (node, { answers }) => {
    const answer = answers.get(node);
    if (answer === undefined) return { state: 'pending', needs: nothing, waitsFor: node };
    if (answer) return GRANTED_FREELY;
    return denied({}, DISTANCE.fixed, {
      code: 'check_refused',
      missing: Object.freeze([`check '${node.name}'`]),
      hint: `The API's own check '${node.name}' did not return true for this caller.`,
      hidden: node.otherwise === 'not-found',
    });
  },
  scopes: NO_SCOPES,
  together: apart,
});
