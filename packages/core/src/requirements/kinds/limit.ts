import { type Duration, printDuration, secondsOf } from '../../base/duration.js';
import { ConfigurationError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { apart, kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, nothing } from './outcome.js';
import { given, knownOptions, printOptions } from './values.js';

/** Whose calls are counted together. */
export type LimitedBy = 'caller' | 'agent' | 'client' | 'tenant';

const COUNTED: readonly unknown[] = ['caller', 'agent', 'client', 'tenant'] satisfies readonly LimitedBy[];

export interface LimitNode {
  readonly kind: 'limit';
  readonly calls: number;
  readonly seconds: number;
  readonly by: LimitedBy;
}

export interface LimitOptions {
  /** How many calls are granted in that time: a whole number from 1 to 1,000,000,000. */
  readonly calls: number;
  /** The time, from the first call on: `'1m'`, `'1h'`, or a number of seconds. At most 31 days. */
  readonly per: Duration;
  /**
   * Whose calls are counted together. `'caller'`: those of one user or app through one client. `'agent'`: those of one AI agent,
   * of all people that it acts for; of callers who are known to be without an agent, as `'caller'`. `'client'`: those of one client
   * application in one tenant. `'tenant'`: those of one tenant. Default `'caller'`.
   */
  readonly by?: LimitedBy;
}

const MOST = 1_000_000_000;

export const limit = kind<LimitNode, 'narrowing', [LimitOptions]>({
  name: 'limit',
  role: 'narrowing',
  callers: 'both',
  claims: [],
  build: (options) => {
    const { calls, per, by = 'caller' } = knownOptions('limit', options, ['calls', 'per', 'by']);
    if (!Number.isSafeInteger(calls) || calls < 1 || calls > MOST) {
      throw new ConfigurationError(
        `limit() was given calls: ${printable(calls)}.`,
        "Write how many calls are granted, from 1 on: limit({ calls: 100, per: '1h' }).",
      );
    }
    if (per === undefined) {
      throw new ConfigurationError(
        'limit() was not told in which time the calls are counted.',
        `Write: limit({ calls: ${calls}, per: '1h' }).`,
      );
    }
    if (!COUNTED.includes(by)) {
      throw new ConfigurationError(
        `limit() was given by: ${printable(by)}.`,
        "Use 'caller', 'agent', 'client' or 'tenant'.",
      );
    }
    return { kind: 'limit', calls, seconds: secondsOf('limit(...): per', per, { most: '31d' }), by };
  },
  print: ({ calls, seconds, by }) =>
    printOptions({ calls, per: printDuration(seconds), by: by === 'caller' ? undefined : by }),
  parse: (printed) => [printed.options() as LimitOptions],
  read: (members) => [
    {
      calls: members.number('calls'),
      per: members.number('seconds'),
      ...given({ by: members.text('by') as LimitedBy | undefined }),
    },
  ],
  judge: (node, { answers }) =>
    answers.get(node) === true ? GRANTED_FREELY : { state: 'pending', needs: nothing, waitsFor: node },
  scopes: NO_SCOPES,
  together: apart,
});
