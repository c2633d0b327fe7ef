import { CLIENTS, type ClientName, setUpFor } from './clients.js';
import type { Fault } from './fault.js';
import { RULES } from './faults.js';
import type { ServerFacts } from './server-facts.js';

/** Whether a client connects to a server. */
export interface Verdict {
  readonly client: ClientName;
  /** `hindered`: it connects, but not everywhere or not for everybody. */
  readonly verdict: 'connects' | 'hindered' | 'stopped';
  /** What stands in its way. */
  readonly because: readonly {
    readonly fault: string;
    readonly stops: boolean;
    readonly found: string;
    readonly code?: string;
    readonly hint: string;
  }[];
  /** What is left to do for it at Entra and in its settings. Empty where it is stopped, or the server is open. */
  readonly setUp: readonly string[];
}

/** The verdict about every client, by the table of faults. */
export function verdictsOn(facts: ServerFacts, faults: readonly Fault[]): readonly Verdict[] {
  const isOpen = faults.some(({ name }) => name === 'open');
  return CLIENTS.map((client) => {
    const concerned = faults.filter(({ name }) => {
      const { stops = [], hinders = [] } = RULES[name];
      return stops.includes(client) || hinders.includes(client);
    });
    const because = concerned.map((one) => ({
      fault: one.name,
      stops: RULES[one.name].stops?.includes(client) === true,
      found: one.found,
      ...codeOf(one, facts),
      hint: hintOf(one),
    }));
    const stopped = because.some(({ stops }) => stops);
    return {
      client,
      verdict: stopped ? 'stopped' : because.length > 0 ? 'hindered' : 'connects',
      because,
      setUp: stopped || isOpen ? [] : setUpFor(client, facts),
    };
  });
}

/** What Entra answers; nothing where another server signs users in. */
export function codeOf(
  { name, code = RULES[name].code }: Fault,
  { authority }: ServerFacts,
): { readonly code?: string } {
  return code === undefined || authority?.isEntra === false ? {} : { code };
}

export function hintOf({ name, hint = RULES[name].hint }: Fault): string {
  return hint;
}
