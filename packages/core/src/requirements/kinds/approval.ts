import { type Duration, printDuration, secondsOf } from '../../base/duration.js';
import { ConfigurationError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { AGENT_CLAIMS } from './agent-claims.js';
import { apart, type KindCallers, kind, NO_SCOPES, type Role } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY, nothing, refused } from './outcome.js';
import { given, knownOptions, quoted } from './values.js';

/** Says what is approved: plain JSON data. The request is the host's. */
export type ApprovedOf = (request: never) => unknown;

/** A requirement, as far as this kind looks at it. */
export interface ApproverGrant {
  readonly role: Role;
  readonly callers: KindCallers | 'none';
  /** Whether a caller and the time are all that it is judged by. */
  readonly evaluable: boolean;
  toString(): string;
  toJSON(): object;
}

/** All members are its own, also those that are `undefined`: none is read from a prototype. */
export interface ApprovalNode {
  readonly kind: 'approval';
  readonly operation: string;
  readonly seconds: number;
  /** What approvers satisfy. `undefined`: the person acted for approves. */
  readonly by: ApproverGrant | undefined;
  /** Whether the person acted for may be one of them. */
  readonly self: true | undefined;
  /** Whether a function says what is approved: its JSON is without it. */
  readonly shows: true | undefined;
  readonly of: ApprovedOf | undefined;
}

export interface ApprovalKindOptions<By = ApproverGrant> {
  /**
   * Says what is approved, from the host's request: plain JSON data of at most 16 KiB. It is the only thing that is shown to
   * approvers, and an approval is good for the very same data alone: have it hold all that makes a difference. Required over HTTP; in
   * MCP, the default is the arguments of the tool.
   */
  readonly of?: (request: never) => unknown;
  /** For how long an approval can be given and used, from when it was asked for. At most a day. Default `'10m'`. */
  readonly validFor?: Duration;
  /**
   * Who may approve: a grant that users satisfy, without `check`, `limit` and `approval`. Approvers are users of the caller's tenant who
   * are known to be without an agent. Default: the person acted for.
   */
  readonly by?: By;
  /** With `by`: whether the person acted for may approve, too, if that person satisfies it. Default `false`. */
  readonly self?: boolean;
}

const LIFE = { standard: '10m', most: '1d' } as const;

export const approval = kind<ApprovalNode, 'narrowing', [string, ApprovalKindOptions?]>({
  name: 'approval',
  role: 'narrowing',
  callers: 'both',
  // Approvers have to be known to be without an agent.
  claims: AGENT_CLAIMS,
  build: (operation, options = {}) => {
    if (typeof operation !== 'string' || !/^[^'\p{Cc}\p{Cs}]{1,80}$/u.test(operation)) {
      throw new ConfigurationError(
        `approval() was given the operation ${printable(operation)}.`,
        "Name what is to be done, without quotes: approval('payments.release', { of: (request) => … }).",
      );
    }
    const name = `approval('${operation}')`;
    const { of, validFor, by, self } = knownOptions('approval', options, ['of', 'validFor', 'by', 'self']);
    if (of !== undefined && typeof of !== 'function') {
      throw new ConfigurationError(
        `${name} was given of: ${printable(of)}.`,
        'Pass a function that says what is approved: (request) => ({ amount: request.body.amount }).',
      );
    }
    if (by !== undefined) assertApprovers(name, by);
    if (self !== undefined && typeof self !== 'boolean') {
      throw new ConfigurationError(`${name} was given self: ${printable(self)}.`, 'Pass true or false.');
    }
    if (self === true && by === undefined) {
      throw new ConfigurationError(
        `${name} was given self: true without by.`,
        'Leave it out: without by, the person acted for is the one who approves.',
      );
    }
    return {
      kind: 'approval',
      operation,
      seconds: secondsOf(`${name}: validFor`, validFor, LIFE),
      by,
      self: self === true ? true : undefined,
      shows: of === undefined ? undefined : true,
      of,
    };
  },
  print: ({ operation, seconds, by, self, of }) => {
    const options = [
      ...(of === undefined ? [] : ['of']),
      ...(seconds === 600 ? [] : [`validFor: '${printDuration(seconds)}'`]),
      ...(by === undefined ? [] : [`by: ${by}`]),
      ...(self === undefined ? [] : ['self: true']),
    ];
    return `${quoted([operation])}${options.length === 0 ? '' : `, { ${options.join(', ')} }`}`;
  },
  parse: (printed) => [printed.text() as string, printed.options()],
  read: (members) => {
    const operation = members.text('operation') as string;
    const { validFor, by, self } = {
      validFor: members.number('seconds'),
      by: members.grant('by'),
      self: members.flag('self'),
    };
    const of = members.flag('shows') === true ? members.shown(operation) : undefined;
    return [operation, { validFor: `${validFor}s`, ...given({ by, self, of }) }];
  },
  judge: (node, { auth, answers }) => {
    if (answers.get(node) === true) return GRANTED_FREELY;
    if (node.by === undefined && auth.kind !== 'user') {
      return denied({}, DISTANCE.otherKind, {
        code: 'caller_kind_not_allowed',
        missing: Object.freeze(['a person who could approve']),
        hint: `An app without a user has no person to approve '${node.operation}'. Name who may: approval('${node.operation}', { by: userRoles('…') }).`,
      });
    }
    if (node.by === undefined && auth.agent?.subject === true) {
      return refused(
        'agent_not_allowed',
        'a person who could approve',
        `The user is an AI agent, and can't approve '${node.operation}'. Name who may: approval('${node.operation}', { by: userRoles('…') }).`,
      );
    }
    return { state: 'pending', needs: nothing, waitsFor: node };
  },
  scopes: NO_SCOPES,
  together: apart,
});

/** Refuses what does not say which users may approve. It is kept with each request, so that it has to survive as JSON. */
function assertApprovers(name: string, by: ApproverGrant): void {
  const { role, callers, evaluable } = Object(by) as Partial<ApproverGrant>;
  if (role === 'grant' && evaluable === true && (callers === 'user' || callers === 'both')) return;
  throw new ConfigurationError(
    `${name} was given by: ${role === undefined ? printable(by) : by}, which does not say which users may approve.`,
    "Pass a grant that users satisfy, without check(...), limit(...) and approval(...): by: userRoles('Payments.Approver').",
  );
}
