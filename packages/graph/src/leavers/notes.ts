/** The release that writes a text, so that one that can't be read names it. A test compares it with package.json. */
export const WRITER = '@entra-guard/graph 0.1';

const VERSION = 1;

type Facts = Readonly<Record<string, unknown>>;

/** A text of the queue, after it was read. */
export type ReadNote =
  | { readonly state: 'none' }
  | { readonly state: 'read'; readonly facts: Facts }
  /** Another release has written it, or it is damaged. */
  | { readonly state: 'unreadable'; readonly writer: string | undefined };

/** Writes facts for the queue, from which another process, and another release, reads them. */
export function noteOf(facts: Facts): string {
  return JSON.stringify({ v: VERSION, w: WRITER, ...facts });
}

/** Reads what a process of any release has written. */
export function readNote(text: string | undefined): ReadNote {
  if (text === undefined || text === '') return { state: 'none' };
  try {
    const facts = Object(JSON.parse(text)) as Facts;
    if (facts.v === VERSION) return { state: 'read', facts };
    return { state: 'unreadable', writer: typeof facts.w === 'string' ? facts.w : undefined };
  } catch {
    return { state: 'unreadable', writer: undefined };
  }
}

/** A fact that is a finite number, or nothing. */
export function numberIn(note: ReadNote, name: string): number | undefined {
  const value = note.state === 'read' ? note.facts[name] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A fact that is text, or nothing. */
export function textIn(note: ReadNote, name: string): string | undefined {
  const value = note.state === 'read' ? note.facts[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
