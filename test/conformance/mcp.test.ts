import { describe, expect, it } from 'vitest';
import { firstLine } from './first-line.js';
import { type Line, startBare, startFacade, startGuarded } from './hosts.js';
import { secondLine, secondLineOnWeb } from './second-line.js';
import { passedOf, runSuite } from './suite.js';

const [major = 0] = process.versions.node.split('.').map(Number);
const whyNot =
  process.env.ENTRA_GUARD_FULL !== '1'
    ? 'ENTRA_GUARD_FULL is not 1; node scripts/conformance.mjs runs it'
    : major < 22
      ? 'the suite needs Node 22; node scripts/conformance.mjs fetches it'
      : undefined;
const why = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

const FIRST: Line = { handlerOf: firstLine };
const SECOND: Line = { handlerOf: secondLine };
const WEB: Line = { handlerOf: secondLineOnWeb, hasGate: true };

/** Run, the line of the SDK, what the suite is asked for, and the scenarios that fail with and without a gate. */
const RUNS: readonly [string, Line, readonly string[], RegExp?][] = [
  ['SDK 1, the active suite', FIRST, ['--suite', 'active']],
  // Its tools take no JSON Schema.
  ['SDK 1, what 2025-11-25 requires', FIRST, ['--requirements', '2025-11-25'], /^json-schema-2020-12$/],
  ['SDK 2, the active suite', SECOND, ['--suite', 'active']],
  ['SDK 2, what 2025-11-25 requires', SECOND, ['--requirements', '2025-11-25']],
  // An extension, which the SDK does not have, and which the suite runs without a score.
  ['SDK 2, what 2026-07-28 requires', SECOND, ['--requirements', '2026-07-28'], /^tasks-/],
  [
    'SDK 2 on a web-standard host, what 2026-07-28 requires',
    WEB,
    ['--requirements', '2026-07-28'],
    /^tasks-/,
  ],
];

describe.skipIf(whyNot !== undefined)(`the conformance suite of MCP${why}`, () => {
  it.each(RUNS)(
    'finds the same with and without a gate: %s',
    // Again once: some scenarios give the server a fixed time, in which a busy machine may not have answered.
    { timeout: 240_000, retry: 1 },
    async (name, line, args, failing) => {
      const bare = await runSuite('server', '--url', await startBare(line), ...args);
      const guarded = await runSuite('server', '--url', await startGuarded(line), ...args);
      const scenarios = Object.keys(guarded);
      const passed = passedOf(guarded);
      const failed = scenarios.filter((scenario) => !passed.includes(scenario));
      console.log(
        `${name}: ${passed.length} of ${scenarios.length} scenarios pass. Not: ${failed.join(', ') || 'none'}`,
      );
      expect(guarded).toEqual(bare);
      expect(scenarios.length).toBeGreaterThan(30);
      expect(failed.filter((scenario) => !failing?.test(scenario))).toEqual([]);
    },
  );

  it('accepts the metadata of the façade, and not those of Entra', { timeout: 120_000 }, async () => {
    const { facade, authority } = await startFacade();
    const metadata = ['--scenario', 'authorization-server-metadata-endpoint'];
    expect(await runSuite('authorization', '--url', facade, ...metadata)).toEqual({
      'authorization-server-metadata-endpoint': [
        'authorization-server-metadata: SUCCESS',
        // That is for Entra to say: clients with a metadata document are a preview there.
        'authorization-server-metadata-cimd: WARNING',
      ],
    });
    // Entra does not say that PKCE works.
    expect(await runSuite('authorization', '--url', authority, ...metadata)).toMatchObject({
      'authorization-server-metadata-endpoint': expect.arrayContaining([
        'authorization-server-metadata: FAILURE',
      ]),
    });
  });
});
