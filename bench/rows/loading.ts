import { aim } from '../engine/aim.js';
import { Child } from '../engine/child.js';
import { installed } from '../engine/installed.js';
import { interleaved, samplesOf } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import { quantile, ratioOf, spreadOf } from '../engine/statistics.js';
import { perSecond } from '../engine/stopwatch.js';
import type { LoadingQuestions } from '../hosts/loading.js';

/** What an application on Express requires for each. */
const PACKAGES = {
  'nothing more': [],
  '@entra-guard/express': ['@entra-guard/express'],
  '@entra-guard/passport': ['passport', '@entra-guard/passport'],
  'passport-azure-ad': ['passport', 'passport-azure-ad'],
  jose: ['jose'],
  'express-oauth2-jwt-bearer': ['express-oauth2-jwt-bearer'],
  'express-jwt + jwks-rsa': ['express-jwt', 'jwks-rsa'],
  'aws-jwt-verify': ['aws-jwt-verify'],
  'fast-jwt': ['fast-jwt'],
  jsonwebtoken: ['jsonwebtoken'],
} as const;
type Name = keyof typeof PACKAGES;
const NOTHING = 'nothing more';
const OURS = '@entra-guard/express';
const THEIRS = 'passport-azure-ad';

/** What a process pays before its first request. */
export const loading: Row = {
  name: 'loading',
  short: true,
  async run({ settings: { loads, short, clock } }) {
    const names = short ? ([NOTHING, OURS, THEIRS] as const) : (Object.keys(PACKAGES) as Name[]);
    const resident = new Map<Name, number[]>(names.map((name) => [name, []]));
    const samples = await interleaved<Name>(names, loads, async (name) => {
      const child = Child.start<LoadingQuestions>('loading', [name]);
      try {
        const loaded = await child.ask('load', { first: 'express', packages: PACKAGES[name] });
        resident.get(name)?.push(loaded.resident / 2 ** 20);
        return 1000 / perSecond(loaded.timed, clock);
      } finally {
        await child.close();
      }
    });
    const residentOf = (name: Name) => quantile(resident.get(name) ?? [], 0.5);
    const ours = samplesOf(samples, OURS);
    const toTheirs = (name: Name) => ratioOf(samplesOf(samples, name), samplesOf(samples, THEIRS));
    return [
      {
        row: 'loading',
        title: 'require() beyond Express',
        unit: 'ms',
        reference: THEIRS,
        figures: names
          .filter((name) => name !== NOTHING)
          .map((name) => {
            const { packages, bytes } = installed(PACKAGES[name]);
            return {
              contender: name,
              value: spreadOf(samplesOf(samples, name)),
              ratio: toTheirs(name),
              beside: {
                'resident MiB': residentOf(name) - residentOf(NOTHING),
                packages,
                'installed kB': bytes / 1000,
              },
            };
          }),
        aims: [
          aim(`time of ${OURS}`, spreadOf(ours), { atMost: 25 }, 'ms'),
          aim(`of ${THEIRS}`, toTheirs(OURS), { atMost: 0.2 }),
        ],
        notes: [
          'Fresh processes that have loaded Express already. Packages and their files without peers, which are the application’s own.',
        ],
      },
    ];
  },
};
