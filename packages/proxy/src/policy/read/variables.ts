import { type Located, type LocatedText, offsetIn } from './located.js';
import type { Reading } from './reading.js';
import { shown } from './shown.js';

/** The environment that variables are read from. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Replaces `${NAME}` in every text. Names are left as they are, and so is what a variable holds. */
export function replaceVariables(node: Located, env: Variables, reading: Reading): Located {
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item) => replaceVariables(item, env, reading)) };
  }
  if (node.kind === 'map') {
    const entries = node.entries.map((entry) => ({
      ...entry,
      value: replaceVariables(entry.value, env, reading),
    }));
    return { ...node, entries };
  }
  return node.kind === 'text' && node.value.includes('${') ? replaced(node, env, reading) : node;
}

const VARIABLE = /\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?/g;

function replaced(node: LocatedText, env: Variables, reading: Reading): LocatedText {
  const { member, value } = node;
  const text = value.replace(VARIABLE, (written, name: string | undefined, index: number) => {
    if (reading.full) return written;
    const place = { member, at: offsetIn(node, index) };
    if (name === undefined) {
      reading.note(place, shown(value.slice(index, index + 20)), `a variable: \${NAME}`);
      return written;
    }
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (typeof found === 'string' && found !== '') return found;
    reading.note(
      place,
      `${written}, which is ${found === '' ? 'empty' : 'not set'}`,
      `a value for it in the environment: ${name}=…`,
    );
    return written;
  });
  return { ...node, value: text, written: value };
}
