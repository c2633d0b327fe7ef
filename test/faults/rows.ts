import { KEY, makeKey, STRANGER, type TestKey } from '../support/forger.js';
import { HOUR, MINUTE } from './clock.js';
import type { ContenderKind } from './contenders.js';
import type { Fault } from './loopback-tenant.js';
import { atOnce, oneByOne, pass, type Row, requests, type Stage, summary, until, warmUp } from './play.js';

/** The successor of the published key. */
const NEXT = makeKey('next');
/** Other key material with the ID of the published key. */
const REPLACED: TestKey = { ...NEXT, kid: KEY.kid, jwk: { ...NEXT.jwk, kid: KEY.kid } };
/** Milliseconds: enough for an exchange on loopback, and short enough to wait for. */
const SHORT = 150;

interface FaultRow {
  readonly fault: Fault;
  readonly name: string;
  /** The required line at start. Default: 10 undecided, 2 requests (metadata and keys), recovers after a second. */
  readonly atStart?: string;
  readonly hangs?: true;
  readonly tls?: true;
}

const FAULTS: readonly FaultRow[] = [
  {
    fault: 'down',
    name: 'Down: every connection is reset',
    atStart: 'at start: 10 undecided (503), Retry-After 1 s; 1 request; recovers after 1 s',
  },
  {
    fault: 'wrong certificate',
    name: 'TLS failure: an untrusted certificate',
    tls: true,
    atStart: 'at start: 10 undecided (503), Retry-After 1 s; 1 request; recovers after 1 s',
  },
  { fault: 'hangs before headers', name: 'Hangs before the headers', hangs: true },
  { fault: 'hangs in mid-body', name: 'Hangs in mid-body', hangs: true },
  { fault: 'dribbles', name: 'One byte a second, without end', hangs: true },
  { fault: 'cut in mid-body', name: 'The connection breaks in mid-body', hangs: true },
  { fault: 'HTML', name: 'An HTML page, status 200' },
  { fault: 'empty', name: 'An empty body, status 200' },
  { fault: 'wrong JSON', name: 'JSON that is not a key set, status 200' },
  { fault: 'no usable key', name: 'A key set without keys' },
  { fault: '10 MB', name: '10 MB, with the right keys in it' },
  { fault: '302', name: 'A redirect to foreign keys' },
  { fault: '404', name: 'Status 404' },
  {
    fault: '429 with Retry-After',
    name: 'Status 429, `Retry-After: 120`',
    atStart: 'at start: 10 undecided (503), Retry-After 120 s; 2 requests; recovers after 2 min',
  },
  { fault: '500', name: 'Status 500' },
];

/** The authority fails before the first token, recovers, and fails in the same way two hours later. */
function faultRow({ fault, name, atStart, hangs, tls }: FaultRow): Row {
  const come = hangs ? atOnce : oneByOne;
  return {
    name,
    ...(hangs ? { timeout: SHORT } : {}),
    ...(tls ? { tls } : {}),
    play: async (stage) => {
      const { authority } = stage;
      authority.break(fault);
      const first = summary(await come(stage, 10, () => authority.token()));
      const asked = await requests(stage);
      authority.break(undefined);
      const recovers = await until('accepted', stage);
      await pass(stage, 2 * HOUR);
      authority.requests = 0;
      authority.break(fault);
      const later = summary(await come(stage, 10, () => authority.token()));
      return [
        `at start: ${first}; ${asked}; recovers ${recovers}`,
        `2 h later: ${later}; ${await requests(stage)}`,
      ];
    },
    ours: [
      atStart ?? 'at start: 10 undecided (503), Retry-After 1 s; 2 requests; recovers after 1 s',
      '2 h later: 10 accepted; 2 requests',
    ],
  };
}

const downForLong: Row = {
  name: 'Down for long: requests after 1 and 11 minutes, 2, 23 and 25 hours',
  play: async (stage) => {
    const { authority, contender } = stage;
    await warmUp(stage);
    authority.break('down');
    const seen: string[] = [];
    for (const [label, wait] of [
      ['1 min', MINUTE],
      ['11 min', 10 * MINUTE],
      ['2 h', 109 * MINUTE],
      ['23 h', 21 * HOUR],
      ['25 h', 2 * HOUR],
    ] as const) {
      await pass(stage, wait);
      seen.push(`${label}: ${summary([await contender.verify(authority.token())]).replace('1 ', '')}`);
    }
    const asked = await requests(stage);
    authority.break(undefined);
    return [`${seen.join('; ')}; ${asked}; recovers ${await until('accepted', stage)}`];
  },
  ours: [
    '1 min: accepted; 11 min: accepted; 2 h: accepted; 23 h: accepted; 25 h: undecided (503), Retry-After 4 s; 5 requests; recovers after 10 s',
  ],
};

const overlap: Row = {
  name: 'Rotation with overlap: the next key is published two hours before it signs',
  play: async (stage) => {
    const { authority } = stage;
    await warmUp(stage);
    authority.published = [KEY, NEXT];
    const during = summary(await oneByOne(stage, 10, () => authority.token()));
    await pass(stage, 2 * HOUR);
    const after = summary(await oneByOne(stage, 10, (i) => authority.token(i % 2 === 0 ? NEXT : KEY)));
    return [`published: ${during}; in use: ${after}; ${await requests(stage)}`];
  },
  ours: ['published: 10 accepted; in use: 10 accepted; 2 requests'],
};

const noOverlap: Row = {
  name: 'Rotation without overlap: five seconds after keys were read they are replaced',
  play: async (stage) => {
    const { authority } = stage;
    await warmUp(stage);
    authority.published = [NEXT];
    const seen = summary(await oneByOne(stage, 10, () => authority.token(NEXT)));
    const asked = await requests(stage);
    return [`${seen}; ${asked}; new key accepted ${await until('accepted', stage, NEXT)}`];
  },
  ours: ['10 accepted; 1 request; new key accepted at once'],
};

const rotationUnderJunk: Row = {
  name: 'Rotation without overlap, right after a made-up `kid`',
  play: async (stage) => {
    const { authority, contender } = stage;
    await warmUp(stage);
    await contender.verify(authority.token(STRANGER));
    authority.published = [NEXT];
    const seen = summary(await oneByOne(stage, 10, () => authority.token(NEXT)));
    const asked = await requests(stage);
    return [`${seen}; ${asked}; new key accepted ${await until('accepted', stage, NEXT)}`];
  },
  ours: ['10 undecided (503), Retry-After 30 s; 1 request; new key accepted after 30 s'],
};

const idleRemoval: Row = {
  name: 'Emergency removal, and no request for 12 hours',
  play: async (stage) => {
    const { authority } = stage;
    await warmUp(stage);
    authority.published = [NEXT];
    await pass(stage, 12 * HOUR);
    return [
      `tokens by the removed key, of those that come then: refused ${await until('not accepted', stage, KEY)}`,
    ];
  },
  // After so long without requests, the first one waits for the refresh.
  ours: ['tokens by the removed key, of those that come then: refused at once'],
};

const removal: Row = {
  name: 'Emergency removal: a key is taken from the set',
  play: async (stage) => {
    const { authority, contender } = stage;
    await warmUp(stage);
    authority.published = [NEXT];
    const quietly = await until('not accepted', stage, KEY);
    authority.published = [KEY];
    await pass(stage, 24 * HOUR);
    await warmUp(stage);
    authority.published = [NEXT];
    await contender.verify(authority.token(NEXT));
    return [
      `while no token uses the new key: refused ${quietly}`,
      `once a token has used it: refused ${await until('not accepted', stage, KEY)}`,
    ];
  },
  ours: [
    'while no token uses the new key: refused after 61 min',
    'once a token has used it: refused at once',
  ],
};

const sameKid: Row = {
  name: 'The same `kid` with new key material',
  play: async (stage) => {
    const { authority } = stage;
    await warmUp(stage);
    authority.published = [REPLACED];
    const accepted = await until('accepted', stage, REPLACED);
    const [old] = await oneByOne(stage, 1, () => authority.token(KEY));
    return [`new material accepted ${accepted}; the old material then: ${old?.outcome}`];
  },
  ours: ['new material accepted after 61 min; the old material then: refused'],
};

/** Makes a token with an unknown key ID from a valid one. This is as cheap for an attacker. */
function junk(token: string, name: string): string {
  const [header = '', ...rest] = token.split('.');
  const parsed = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  return [Buffer.from(JSON.stringify({ ...parsed, kid: name })).toString('base64url'), ...rest].join('.');
}

/** Factor by which the number of tokens is reduced for a library that sends a request for each made-up `kid`. */
const scaleOf = (kind: ContenderKind): number => (kind.name === 'jwks-rsa' ? 20 : 1);
const only = (count: number, kind: ContenderKind): string =>
  scaleOf(kind) === 1 ? '' : ` (${(count / scaleOf(kind)).toLocaleString('en')} of them only)`;

const flood: Row = {
  name: '10,000 tokens with random `kid`s within 50 seconds, while 1,000 good clients go on; then a rotation',
  play: async (stage) => {
    const { authority, kind } = stage;
    await warmUp(stage);
    const token = authority.token();
    const junkSeen = [];
    const goodSeen = [];
    for (let round = 0; round < 100; round++) {
      const [bad, good] = await Promise.all([
        atOnce(stage, 100 / scaleOf(kind), (index) => junk(token, `junk-${round}-${index}`)),
        atOnce(stage, 10, () => token),
      ]);
      junkSeen.push(...bad.map(({ outcome }) => ({ outcome })));
      goodSeen.push(...good);
      await pass(stage, 500);
    }
    const asked = await requests(stage);
    authority.published = [NEXT];
    return [
      `good: ${summary(goodSeen)}; junk${only(10_000, kind)}: ${summary(junkSeen)}; ${asked}`,
      `new key accepted ${await until('accepted', stage, NEXT)}`,
    ];
  },
  ours: [
    'good: 1,000 accepted; junk: 200 refused (401), 9,800 undecided (503); 2 requests',
    'new key accepted after 10 s',
  ],
};

const coldFlood: Row = {
  name: '1,000 tokens with random `kid`s at a cold start, then 10 good ones',
  play: async (stage) => {
    const { authority, kind } = stage;
    const token = authority.token();
    const bad = await atOnce(stage, 1000 / scaleOf(kind), (index) => junk(token, `junk-${index}`));
    const good = await oneByOne(stage, 10, () => token);
    return [`good: ${summary(good)}; junk${only(1000, kind)}: ${summary(bad)}; ${await requests(stage)}`];
  },
  ours: ['good: 10 accepted; junk: 1,000 refused (401); 2 requests'],
};

const clockBack: Row = {
  name: 'The clock is set back by 10 hours, and keys are replaced',
  play: async (stage) => {
    const { authority, clock } = stage;
    await warmUp(stage);
    clock.step(-10 * HOUR);
    authority.published = [NEXT];
    const accepted = await until('accepted', stage, NEXT);
    authority.published = [KEY];
    return [
      `new key accepted ${accepted}`,
      `the same again: removed key refused ${await removedAfter(stage)}`,
    ];
  },
  ours: ['new key accepted at once', 'the same again: removed key refused after 1 s'],
};

/** Removes the key that {@link clockBack} published, and sets the clock back again. */
function removedAfter(stage: Stage): Promise<string> {
  stage.clock.step(-10 * HOUR);
  return until('not accepted', stage, NEXT);
}

const clockForward: Row = {
  name: 'The clock jumps ahead by 30 days, and back again a minute later',
  play: async (stage) => {
    const { authority, clock, contender } = stage;
    await warmUp(stage);
    clock.step(30 * 24 * HOUR);
    const ahead = await contender.verify(authority.token());
    await pass(stage, MINUTE);
    clock.step(-30 * 24 * HOUR);
    const back = await contender.verify(authority.token());
    await pass(stage, MINUTE);
    authority.published = [NEXT];
    const rotated = await until('accepted', stage, NEXT);
    return [`ahead: ${ahead.outcome}; back: ${back.outcome}; then a rotation: new key accepted ${rotated}`];
  },
  ours: ['ahead: accepted; back: accepted; then a rotation: new key accepted at once'],
};

const clockBackWhileDown: Row = {
  name: 'Down at start, and the clock is set back by 4 minutes meanwhile',
  play: async (stage) => {
    const { authority, clock, contender } = stage;
    authority.break('down');
    const seen = await contender.verify(authority.token());
    clock.step(-4 * MINUTE);
    authority.break(undefined);
    return [`${seen.outcome}; recovers ${await until('accepted', stage)}`];
  },
  // After the step the failure is in the future, which must not cause a wait.
  ours: ['undecided; recovers at once'],
};

const clockBackUnknownKey: Row = {
  name: 'The clock is set back by 20 minutes, keys are replaced, and the authority is down',
  play: async (stage) => {
    const { authority, clock } = stage;
    await warmUp(stage);
    clock.step(-20 * MINUTE);
    authority.published = [NEXT];
    authority.break('down');
    const seen = summary(await oneByOne(stage, 10, () => authority.token(NEXT)));
    authority.break(undefined);
    return [`tokens by the new key: ${seen}; accepted ${await until('accepted', stage, NEXT)}`];
  },
  ours: ['tokens by the new key: 10 undecided (503), Retry-After 1 s; accepted after 1 s'],
};

export const ROWS: readonly Row[] = [
  ...FAULTS.map(faultRow),
  downForLong,
  overlap,
  noOverlap,
  rotationUnderJunk,
  removal,
  idleRemoval,
  sameKid,
  flood,
  coldFlood,
  clockBack,
  clockForward,
  clockBackWhileDown,
  clockBackUnknownKey,
];
