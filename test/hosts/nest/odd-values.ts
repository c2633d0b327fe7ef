import type { AuthContext } from '@entra-guard/core';

/** A promise of another library, or of another realm: all that it has in common with ours is its `then`. */
export function thenableOf(value: unknown): PromiseLike<unknown> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: it is the point.
    then: (resolve: (value: unknown) => unknown) => Promise.resolve().then(() => resolve(value)),
  } as never;
}

/** What a step that has to decide may give by mistake: none of it is a decision. */
export const oddValues: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['false', false],
  ['true', true],
  ['0', 0],
  ['1', 1],
  ['an empty string', ''],
  ["'optional'", 'optional'],
  ["'require'", 'require'],
  ['a symbol', Symbol('optional')],
  ['{}', {}],
  ['[]', []],
  ["['optional']", ['optional']],
  ['a function', () => ({ mode: 'optional' })],
  ["{ mode: 'public' }", { mode: 'public' }],
  ['{ mode: true }', { mode: true }],
  ["{ mode: 'require' }", { mode: 'require' }],
  ["{ mode: 'require', requirement: undefined }", { mode: 'require', requirement: undefined }],
  ["{ mode: 'require', requirement: {} }", { mode: 'require', requirement: {} }],
  ["{ mode: 'require', requirement: true }", { mode: 'require', requirement: true }],
  [
    'a requirement that nothing of ours made',
    { mode: 'require', requirement: { role: 'anonymous', node: { kind: 'anonymous' }, reasons: [] } },
  ],
  ['an inherited mode', Object.create({ mode: 'optional' })],
  ['a mode by a getter', Object.defineProperty({}, 'mode', { get: () => 'optional', enumerable: true })],
  ["{ mode: 'optional' } with another property", { mode: 'optional', requirement: undefined }],
  ["{ kind: 'optional' }", { kind: 'optional' }],
  ['a Map', new Map([['mode', 'optional']])],
  ['a thenable of nothing', thenableOf(undefined)],
  ['a thenable of {}', thenableOf({})],
  ['a promise of false', Promise.resolve(false)],
  ['a thenable of a thenable of true', thenableOf(thenableOf(true))],
  ['an error', new Error('not thrown')],
];

/** What looks like a caller, and is not one that a validator has made. */
export const oddCallers: readonly (readonly [name: string, of: (real: AuthContext) => unknown])[] = [
  ['a copy by JSON', (real) => JSON.parse(JSON.stringify(real)) as unknown],
  ['a copy by spreading', (real) => ({ ...real })],
  ['what inherits from a caller', (real) => Object.create(real) as unknown],
  [
    'what inherits from a caller, with more scopes',
    (real) => Object.create(real, { scopes: { value: ['Read', 'Write'] } }) as unknown,
  ],
  ['what inherits from the class', (real) => Object.create(Object.getPrototypeOf(real) as object) as unknown],
  ['a list of callers', (real) => [real]],
  ['a promise of a copy', (real) => Promise.resolve({ ...real })],
];
