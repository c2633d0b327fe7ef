import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../agents/program.cjs', import.meta.url));

/** Nothing of the agents goes beyond the process: no license, nothing is sent. */
const QUIET = {
  NEW_RELIC_SERVERLESS_MODE_ENABLED: 'true',
  NEW_RELIC_APP_NAME: 'orders',
  NEW_RELIC_LOG_ENABLED: 'false',
  NEW_RELIC_NO_CONFIG_FILE: 'true',
};

type Results = Readonly<Record<string, unknown>>;

async function run(agent: string, majors: readonly string[]): Promise<Results> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, agent, ...majors], {
    env: { ...env, ...QUIET },
    timeout: 60_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Results;
}

/** What has to be so with every agent and with none. */
const expected = {
  guarded: [],
  open: [
    '  GET /open',
    '  GET /late (guard.require stands behind another handler, which may have answered already)',
  ],
  handlers: [
    ['GET /mounted/orders', "scopes('Orders.Read')"],
    ['GET /orders', "scopes('Orders.Read')"],
    ['POST /orders', "scopes('Orders.Write')"],
    ['GET /public', 'anonymous()'],
    ['GET /optional', 'optional'],
    ['GET /admin/users', "userRoles('Orders.Admin')"],
    ['GET /nested/deep/orders', "scopes('Orders.Read')"],
    ['GET /app/orders', "scopes('Orders.Read')"],
    ['GET /open', 'undecided'],
    ['GET /late', 'undecided'],
  ],
  secured: ['/mounted/orders', '/orders', '/optional', '/admin/users', '/nested/deep/orders', '/app/orders'],
  answers: {
    '/mounted/orders': [401, 200],
    '/orders': [401, 200],
    '/public': [200, 200],
    '/optional': [200, 200],
    '/admin/users': [401, 403],
    '/nested/deep/orders': [401, 200],
    '/app/orders': [401, 200],
    '/open': [200, 200],
    '/late': [200, 200],
  },
};

const both = ['4', '5'];

describe('assertAllGuarded, the inventory and the OpenAPI document', () => {
  it.each([
    ['no agent', false, both],
    ['New Relic 12', true, both],
    ['New Relic 13', true, both],
    ['Elastic 4', true, both],
    ['OpenTelemetry', true, both],
    ['express-async-errors', true, ['4']],
    ['New Relic 13 and express-async-errors', true, ['4']],
    ['Elastic 4 and New Relic 13', true, both],
  ])(
    'say the same with %s',
    async (agent, wrapped, majors) => {
      const results = await run(agent, majors);
      expect(Object.keys(results)).toEqual(majors);
      for (const major of majors) expect(results[major], major).toEqual({ ...expected, wrapped });
    },
    60_000,
  );
});
