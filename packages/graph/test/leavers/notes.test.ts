import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noteOf, numberIn, readNote, textIn, WRITER } from '../../src/leavers/notes.js';

describe('what is kept in the queue', () => {
  it('names its version and its writer, which is this package', () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { name, version } = JSON.parse(manifest) as Record<string, string>;
    expect(`${name} ${version}`.startsWith(WRITER)).toBe(true);
    expect(JSON.parse(noteOf({ told: 'removed' }))).toEqual({ v: 1, w: WRITER, told: 'removed' });
  });

  it.each<[string, string | undefined, object]>([
    ['nothing', undefined, { state: 'none' }],
    ['no text', '', { state: 'none' }],
    ['its own', noteOf({ a: 1 }), { state: 'read', facts: { v: 1, w: WRITER, a: 1 } }],
    [
      'a later form',
      '{"v":2,"w":"@entra-guard/graph 9.0"}',
      { state: 'unreadable', writer: '@entra-guard/graph 9.0' },
    ],
    ['a form without a writer', '{"v":2}', { state: 'unreadable', writer: undefined }],
    ['no JSON', '{', { state: 'unreadable', writer: undefined }],
    ['null', 'null', { state: 'unreadable', writer: undefined }],
  ])('is read, or said to be unreadable: %s', (_, text, read) => {
    expect(readNote(text)).toEqual(read);
  });

  it('has facts of the right type, or none', () => {
    const note = readNote('{"v":1,"at":"soon","next":7,"far":1e999}');
    expect([
      numberIn(note, 'at'),
      numberIn(note, 'far'),
      textIn(note, 'next'),
      textIn(readNote(''), 'next'),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });
});
