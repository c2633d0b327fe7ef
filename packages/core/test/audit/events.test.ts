import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  ConfigurationError,
  type EntraGuardEvent,
  type EventBase,
  type EventType,
  eventChannelName,
  onEvent,
  publishEvent,
} from '@entra-guard/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { addType } from '../../src/base/event-types.js';
import { processFailuresDuring } from '../process-failures.js';

/** As another package does it. */
declare module '@entra-guard/core' {
  interface EventTypes {
    'test-tides': TideEvent;
    'test-winds': WindEvent;
    'test-later': EventBase & { readonly type: 'test-later' };
  }
}
interface TideEvent extends EventBase {
  readonly type: 'test-tides';
  readonly tide: 'high' | 'low';
  readonly where?: { readonly port: string };
}
interface WindEvent extends EventBase {
  readonly type: 'test-winds';
  readonly from: string;
}

const tide = (time: number) => publishEvent('test-tides', () => ({ v: 1, time, tide: 'high' }));
const wind = () => publishEvent('test-winds', () => ({ v: 1, time: 2, from: 'west' }));
const decide = () => publishEvent('decision', () => ({ v: 1, time: 3, outcome: 'allow', reasons: [] }));
const isListenedTo = (type: EventType) => channel(eventChannelName(type)).hasSubscribers;

describe('onEvent', () => {
  it('hears the types that it names, and keeps no other from being free', () => {
    const heard: EntraGuardEvent[] = [];
    const stop = onEvent((event) => heard.push(event), { types: ['keys', 'test-tides', 'test-tides'] });
    for (const type of ['keys', 'test-tides'] as const) expect(isListenedTo(type)).toBe(true);
    for (const type of ['decision', 'test-winds'] as const) expect(isListenedTo(type)).toBe(false);
    tide(1);
    wind();
    decide();
    stop();
    stop();
    tide(2);
    expect(heard).toEqual([{ v: 1, type: 'test-tides', time: 1, tide: 'high' }]);
    expect(isListenedTo('keys')).toBe(false);
  });

  it('hears every type without a list, also one whose package is loaded later', () => {
    const heard: EntraGuardEvent[] = [];
    const stop = onEvent((event) => heard.push(event));
    publishEvent('test-later', () => ({ v: 1, time: 0 }));
    tide(1);
    decide();
    stop();
    publishEvent('test-later', () => ({ v: 1, time: 9 }));
    expect(heard.map(({ type }) => type)).toEqual(['test-later', 'test-tides', 'decision']);
    for (const type of ['decision', 'keys', 'test-tides', 'test-later'] as const) {
      expect(isListenedTo(type)).toBe(false);
    }
  });

  it('hears what another copy of the package publishes, whichever of the two knew the type first', async () => {
    vi.resetModules();
    const other = await import('../../src/audit/events.js');
    expect(other.publishEvent).not.toBe(publishEvent);
    const heard: unknown[] = [];
    const hear = (event: unknown): void => void heard.push(event);
    const stops = [onEvent(hear), other.onEvent(hear)];
    other.publishEvent('test-of-another-copy' as 'keys', () => ({ v: 1, time: 4 }) as never);
    tide(5);
    for (const stop of stops) stop();
    const [foreign, ours] = [
      { v: 1, type: 'test-of-another-copy', time: 4 },
      { v: 1, type: 'test-tides', time: 5, tide: 'high' },
    ];
    expect(heard).toEqual([foreign, foreign, ours, ours]);
  });

  it('tells of a type once, however often it is added', () => {
    const named: unknown[] = [];
    const hear = (name: unknown): void => void named.push(name);
    subscribe('entra-guard/types', hear);
    addType('test-added-twice');
    addType('test-added-twice');
    unsubscribe('entra-guard/types', hear);
    expect(named).toEqual(['test-added-twice']);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('ignores a listener that %s, and lets the next one hear', async (_, listener) => {
    const heard: unknown[] = [];
    const failures = await processFailuresDuring(async () => {
      const stops = [onEvent(listener), onEvent((event) => heard.push(event))];
      tide(1);
      for (const stop of stops) stop();
    });
    expect(failures).toEqual([]);
    expect(heard).toHaveLength(1);
  });

  it.each<[string, () => unknown, string]>([
    [
      'no listener',
      () => onEvent(undefined as never),
      'onEvent() was given undefined instead of a listener.',
    ],
    [
      'an option that there is not',
      () => onEvent(() => {}, { type: ['keys'] } as never),
      "There is no option of onEvent() called 'type'. Did you mean 'types'?",
    ],
    [
      'options that are none',
      () => onEvent(() => {}, 'keys' as never),
      'was given string instead of options',
    ],
    [
      'one type instead of a list',
      () => onEvent(() => {}, { types: 'keys' as never }),
      'onEvent(): types is keys.',
    ],
    ['an empty list', () => onEvent(() => {}, { types: [] }), 'onEvent(): types is an empty list.'],
    [
      'a channel for a type',
      () => onEvent(() => {}, { types: ['entra-guard:keys' as never] }),
      'entra-guard:keys is not the type of an event.',
    ],
    ['no name', () => onEvent(() => {}, { types: [7 as never] }), '7 is not the type of an event.'],
  ])('refuses %s', (_, listening, message) => {
    expect(listening).toThrow(ConfigurationError);
    expect(listening).toThrow(message);
    expect(isListenedTo('keys')).toBe(false);
  });

  it('takes no types from a polluted prototype', () => {
    Object.defineProperty(Object.prototype, 'types', { value: ['test-winds'], configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, 'types'));
    const heard: unknown[] = [];
    const stop = onEvent((event) => heard.push(event), {});
    tide(1);
    stop();
    expect(heard).toHaveLength(1);
  });
});

describe('publishEvent', () => {
  it('builds nothing without a listener', () => {
    const make = vi.fn(() => ({ v: 1, time: 1, tide: 'low' }) as const);
    publishEvent('test-tides', make);
    expect(make).not.toHaveBeenCalled();
    onTestFinished(onEvent(() => {}, { types: ['test-tides'] }));
    publishEvent('test-tides', make);
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('gives listeners a frozen event of the type of its channel', () => {
    const heard: TideEvent[] = [];
    onTestFinished(onEvent((event) => heard.push(event), { types: ['test-tides'] }));
    const made = { v: 1, time: 1, type: 'decision', tide: 'low', where: { port: 'Bergen' } } as const;
    publishEvent('test-tides', () => made);
    expect(heard).toEqual([{ ...made, type: 'test-tides' }]);
    expect(Object.isFrozen(heard[0]) && Object.isFrozen(heard[0]?.where)).toBe(true);
    expect(Object.isFrozen(made)).toBe(false);
  });

  it.each(['', 'Tides', 'test:tides', '../keys', undefined])('refuses %j for a type', (type) => {
    const publishing = () => publishEvent(type as 'keys', () => ({}) as never);
    expect(publishing).toThrow(ConfigurationError);
    expect(publishing).toThrow('is not the type of an event');
  });

  it('throws what building the event throws: a listener is not at fault', () => {
    onTestFinished(onEvent(() => {}, { types: ['test-tides'] }));
    const publishing = () =>
      publishEvent('test-tides', () => {
        throw new Error('no tide');
      });
    expect(publishing).toThrow('no tide');
  });
});

it('the channels of decisions and keys have the names that other subscribers use', () => {
  expect([eventChannelName('decision'), eventChannelName('keys')]).toEqual([
    'entra-guard:decision',
    'entra-guard:keys',
  ]);
});
