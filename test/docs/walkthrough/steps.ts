import { fileOf } from '../readme/page.js';

/** One marked block of the page: what it is, a name, and its text. */
export interface Step {
  /**
   * `file`: write it. `terminal`: start it, it stays. `run`: run it to its end. `printed by`: what that one has printed by then.
   */
  readonly kind: 'file' | 'terminal' | 'run' | 'printed by';
  readonly name: string;
  readonly text: string;
}

/** Reads the marked blocks of a page, such as `<!-- run: job -->`, in their order. */
export function stepsOf(page: string): readonly Step[] {
  const marked = /^<!-- (file|terminal|run|printed by): (.+) -->\n```\w+\n([\s\S]*?)^```$/gm;
  return [...fileOf(page).matchAll(marked)].map(([, kind, name = '', text = '']) => ({
    kind: kind as Step['kind'],
    name,
    text: text.trimEnd(),
  }));
}

/** Replaces the member at a path of JSON, such as `apps.orders`. */
export function withMember(json: string, path: string, value: string): string {
  const document = JSON.parse(json) as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  let at = document;
  for (const name of names) at = at[name] as Record<string, unknown>;
  if (!(last in at)) throw new Error(`There is no ${path} to replace.`);
  at[last] = JSON.parse(value);
  return JSON.stringify(document, undefined, 2);
}
