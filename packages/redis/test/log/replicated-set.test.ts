import { describe, expect, it } from 'vitest';
import {
  type Content,
  LIFTS_LONGER,
  type Lift,
  type Origin,
  ReplicatedSet,
  type Written,
} from '../../src/log/replicated-set.js';

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;
const END = NOW + 60 * MINUTE;

/** `+a` adds a, `-a` lifts it, anything else can't be read. What follows a blank tells texts apart. */
function read({ text }: Written): Content<string> {
  const [sign, id = ''] = [text[0], text.slice(1).split(' ')[0]];
  if (sign === '+') return { kind: 'put', id, value: id };
  if (sign === '-') return { kind: 'lift', lifts: id, because: 'a mistake', at: NOW };
  return { kind: 'unreadable', writer: text };
}

const idIn = (text: string) => text.slice(1).split(' ')[0];

function newSet() {
  const told: string[] = [];
  const force = new Map<string, number>();
  const lifted = new Set<string>();
  const listener = {
    added(value: string, until: number, origin: Origin) {
      told.push(`${value} added from ${origin}`);
      force.set(value, until);
    },
    prolonged(value: string, until: number) {
      force.set(value, until);
    },
    liftProlonged() {},
    lifted({ lifts }: Lift) {
      lifted.add(lifts);
      force.delete(lifts);
    },
    unreadable(writer: string | undefined) {
      told.push(`unreadable from ${writer}`);
    },
  };
  const set = new ReplicatedSet(read, idIn, listener, NOW);
  const merge = (texts: readonly string[], until = END, origin: Origin = 'log') => [
    ...set.merge(
      texts.map((text) => ({ text, until })),
      origin,
      NOW,
    ),
  ];
  return { set, told, force, lifted, merge };
}

function shuffled<T>(things: readonly T[], seed: number): T[] {
  let state = seed;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return [...things]
    .map((thing) => [random(), thing] as const)
    .sort(([a], [b]) => a - b)
    .map(([, thing]) => thing);
}

describe('a set that is written by many', () => {
  it('has the same in force, whatever the order and repetition of what was written', () => {
    const written = ['+a', '+b', '-a', '+c', '-c', '-c again', '+d', '+d', '+a', 'x', '-missing'];
    for (let seed = 1; seed <= 200; seed++) {
      const { force, merge, set } = newSet();
      for (const text of shuffled([...written, ...written], seed)) merge([text]);
      expect(new Set(force.keys())).toEqual(new Set(['b', 'd']));
      expect([set.size, set.unreadable]).toEqual([9, 1]);
    }
  });

  it('never tells of what was lifted before it was read', () => {
    const { told, merge } = newSet();
    merge(['+a', '+b', '-a']);
    expect(told).toEqual(['b added from log']);
  });

  it('reads each entry once', () => {
    const texts: string[] = [];
    const listener = { added() {}, prolonged() {}, lifted() {}, liftProlonged() {}, unreadable() {} };
    const reading = (written: Written) => {
      texts.push(written.text);
      return read(written);
    };
    const set = new ReplicatedSet(reading, idIn, listener, NOW);
    const written = ['+a', '-b', '+c', '+b', '?'].map((text) => ({ text, until: END }));
    for (const _ of set.merge(written, 'state', NOW));
    for (const _ of set.merge(written, 'state', NOW));
    expect(texts.filter((text) => text !== '?')).toEqual(['+a', '-b', '+c', '+b']);
  });

  it('leaves out what has ended', () => {
    const { set, merge } = newSet();
    merge(['+a', '-b', 'x'], NOW);
    expect(set.size).toBe(0);
    merge(['+a'], NOW + 1);
    expect(set.size).toBe(1);
  });

  it('keeps the later end, in whichever order the two come', () => {
    const { force, merge, set } = newSet();
    merge(['+a'], END);
    merge(['+a'], END + 5);
    merge(['+a'], END - 5);
    expect(force.get('a')).toBe(END + 5);
    expect(set.get('a')?.until).toBe(END + 5);
  });

  it.each([['first'], ['second']])(
    'keeps a lifting for a day longer than what it lifts, where that comes %s',
    (which) => {
      const { set, merge } = newSet();
      const [early, late] = which === 'first' ? ['+a', '-a'] : ['-a', '+a'];
      merge([early], END);
      merge([late], END);
      expect(set.liftOf('a')?.until).toBe(END + LIFTS_LONGER);
      merge(['+a'], Number.POSITIVE_INFINITY);
      expect(set.liftOf('a')?.until).toBe(Number.POSITIVE_INFINITY);
    },
  );

  it("holds both texts where two have one ID, and what can't be read as it is", () => {
    const { set, merge, force } = newSet();
    merge(['+a', '+a forged', '?']);
    expect(new Set([...set.values()].map(({ text }) => text))).toEqual(new Set(['+a', '+a forged', '?']));
    merge(['-a']);
    expect(force.size).toBe(0);
  });

  it('notes which end the server has', () => {
    const { set, merge } = newSet();
    const held = set.add({ text: '+a', until: END }, 'local');
    expect(held.sharedUntil).toBe(Number.NEGATIVE_INFINITY);
    merge(['+a'], END, 'log');
    expect(held.sharedUntil).toBe(END);
    // A server that went back to an older copy.
    merge(['+a'], END - 7, 'state');
    expect(held.sharedUntil).toBe(END - 7);
  });
});

describe('what has ended', () => {
  it('is dropped by the minute, and not before', () => {
    const { set, merge } = newSet();
    merge(['+a', '+b', '?'], END);
    merge(['+b'], END + 10 * MINUTE);
    merge(['+c'], Number.POSITIVE_INFINITY);
    set.sweep(END - 1);
    expect(set.size).toBe(4);
    set.sweep(END + MINUTE);
    expect([...set.values()].map(({ text }) => text)).toEqual(['+b', '+c']);
    expect(set.unreadable).toBe(0);
    set.sweep(END + 12 * MINUTE);
    expect([...set.values()].map(({ text }) => text)).toEqual(['+c']);
  });

  it('is not revived by a copy of another process', () => {
    const { set, merge, force } = newSet();
    merge(['+a', '-a'], END);
    set.sweep(END + MINUTE);
    // The lifting is still there when a process whose clock is behind writes the other again.
    merge(['+a'], END + 2 * MINUTE);
    expect(force.size).toBe(0);
  });
});
