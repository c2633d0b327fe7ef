import { entraGuard, scopes } from '@entra-guard/express';
import { standInGuard } from '@entra-guard/express/testing';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import express from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrations } from '../http/routes.js';
import { get } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call } from './call.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());

/** What is built while every object inherits this. */
function polluted<T>(name: string, value: unknown, build: () => T): T {
  Object.defineProperty(Object.prototype, name, { value, configurable: true });
  try {
    return build();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

describe('an option that objects inherit is not given', () => {
  it.each([
    ['of authenticate()', () => entraGuard(guardOptions(entra)).authenticate()],
    ['of authenticate({})', () => entraGuard(guardOptions(entra)).authenticate({})],
    ['of a stand-in', () => standInGuard(null).authenticate()],
  ])('optional, %s', async (_what, build) => {
    const app = express().get('/', polluted('optional', true, build), (_req, res) => void res.json('open'));
    expect(await call(app, get('/'))).toMatchObject({ status: 401 });
  });

  it.each([
    ['of a guard', () => entraGuard(guardOptions(entra))],
    ['of a stand-in', () => standInGuard(null)],
  ])('passErrors, %s', async (_what, build) => {
    const guard = polluted('passErrors', true, build);
    const app = express()
      .get('/', guard.require(scopes('Orders.Read')), (_req, res) => void res.json('open'))
      .use(((_error: unknown, _req: never, res: express.Response, _next: never) => {
        res.json('open');
      }) as express.ErrorRequestHandler);
    expect(await call(app, get('/'))).toMatchObject({ status: 401 });
  });
});

describe('the options of authenticate()', () => {
  it.each([
    [null, 'was given null'],
    ['optional', 'was given string'],
    [true, 'was given boolean'],
  ])('are refused where they are %j', (options, message) => {
    expect(() => entraGuard(guardOptions(entra)).authenticate(options as never)).toThrow(message);
  });
});
