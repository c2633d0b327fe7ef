import { afterEach, beforeEach, expect, it } from 'vitest';
import { Clock, HOUR, SECOND } from './clock.js';
import { CONTENDERS, type Contender } from './contenders.js';
import { type Fault, LoopbackTenant } from './loopback-tenant.js';
import { oneByOne, pass, type Stage, summary } from './play.js';

// The table's faults are in the key set, which all libraries read. Only entra-guard also reads metadata.
const kind = CONTENDERS[0] as (typeof CONTENDERS)[0];

let clock: Clock;
let authority: LoopbackTenant;
let contender: Contender;
let stage: Stage;

beforeEach(async () => {
  clock = new Clock();
  clock.install();
  authority = await LoopbackTenant.start(clock, false);
});

afterEach(async () => {
  contender.close();
  clock.uninstall();
  await authority.close();
});

it.each<[Fault, number]>([
  ['hangs before headers', 150],
  ['hangs in mid-body', 150],
  ['dribbles', 150],
  ['cut in mid-body', 5000],
  ['HTML', 5000],
  ['empty', 5000],
  ['wrong JSON', 5000],
  ['no usable key', 5000],
  ['302', 5000],
  ['404', 5000],
  ['500', 5000],
])(
  'metadata with the fault "%s": undecided with one request at start, no effect later, and recovery',
  async (fault, timeout) => {
    contender = kind.make(authority, clock, timeout);
    stage = { kind, authority, clock, contender };
    authority.break(fault, 'metadata');
    expect(summary(await oneByOne(stage, 10, () => authority.token()))).toBe(
      '10 undecided (503), Retry-After 1 s',
    );
    expect(authority.requests).toBe(1);
    authority.break(undefined);
    await pass(stage, SECOND);
    expect((await contender.verify(authority.token())).outcome).toBe('accepted');
    await pass(stage, 2 * HOUR);
    authority.break(fault, 'metadata');
    expect(summary(await oneByOne(stage, 10, () => authority.token()))).toBe('10 accepted');
  },
);
