import { describe, expect, it } from 'vitest';
import * as core from '../../src/index.js';
import { KINDS } from '../../src/requirements/kinds.js';
import { user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const kinds = Object.entries(KINDS);

describe('a kind of requirement', () => {
  it.each(kinds)('%s is in the registry by its own name, which is that of its builder', (name, kind) => {
    expect(kind.name).toBe(name);
    expect(core).toHaveProperty(name, expect.any(Function));
  });
});

describe('a kind that only a later version of the package knows', () => {
  /** As another copy of the package makes it. */
  const foreign = (node: object): core.Grant =>
    Object.create(core.scopes('A'), { node: { value: node }, role: { value: 'grant' } });

  it.each<[string, object]>([
    ['alone', { kind: 'later' }],
    ['as a narrowing', { kind: 'allOf', of: [{ kind: 'scopes', values: ['A'] }, { kind: 'later' }] }],
    ['by the name of a member of every object', { kind: 'constructor' }],
  ])('lets no caller in: %s', (_, node) => {
    const evaluate = () => core.evaluate(foreign(node), user({ scp: 'A' }));
    expect(configurationSentence(evaluate)).toContain('no kind of requirement');
  });
});
