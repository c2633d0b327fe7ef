import type { DecisionPlace } from '../audit/decision-place.js';
import type { LogEntry } from '../base/log.js';
import type { TightenNode } from '../requirements/kinds.js';
import { printNode } from '../requirements/print.js';
import type { Requirement } from '../requirements/requirement.js';

const DAY = 86_400_000;
/** How long before a switch the log warns of it. */
const AHEAD = 14 * DAY;

/** Warns of each `tighten(...)` twice in the life of a process at most: before it switches, and when it has. */
export class SwitchNotices {
  readonly #told = new WeakMap<TightenNode, 'soon' | 'over'>();
  readonly #warn: (entry: Omit<LogEntry, 'level'>) => void;
  readonly #now: () => number;

  /** @param now gives milliseconds since the epoch */
  constructor(warn: (entry: Omit<LogEntry, 'level'>) => void, now: () => number) {
    this.#warn = warn;
    this.#now = now;
  }

  // Another copy of the package may be older, and knows of no switches.
  tell({ tightenings = [] }: Requirement, place: DecisionPlace): void {
    for (const node of tightenings) {
      const left = Date.parse(node.until) - this.#now();
      const state = left <= 0 ? 'over' : left <= AHEAD ? 'soon' : undefined;
      if (state === undefined || this.#told.get(node) === state) continue;
      this.#told.set(node, state);
      const words = state === 'over' ? afterSwitch(node) : beforeSwitch(node, Math.ceil(left / DAY));
      const { handler } = place;
      this.#warn({ event: 'configuration', ...words, ...(handler === undefined ? {} : { handler }) });
    }
  }
}

type Words = Pick<LogEntry, 'message' | 'hint'>;

function beforeSwitch({ now, next, until }: TightenNode, days: number): Words {
  return {
    message: `From ${until} on, in ${days} ${days === 1 ? 'day' : 'days'}, ${printNode(next)} decides instead of ${printNode(now)}.`,
    hint: 'The audit events of callers whom it would refuse have `trial`: give those callers what they lack, or set a later `until`.',
  };
}

function afterSwitch({ now, next, until }: TightenNode): Words {
  return {
    message: `Since ${until}, ${printNode(next)} decides instead of ${printNode(now)}.`,
    hint: `Replace tighten(...) by ${printNode(next)}.`,
  };
}
