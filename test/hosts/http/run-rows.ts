import type { EntraOptions, GuardSettings } from '@entra-guard/core';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Exchange, send } from '../../support/exchange.js';
import { groupsOf, registrations } from './routes.js';
import type { Granted, HostTraits, HttpRow, Refused } from './row.js';
import { httpRows } from './rows.js';

/** A server on loopback that serves `httpRoutes(entra)`. */
export interface RunningHost {
  /** `http://127.0.0.1:49152` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts a host whose guard has {@link guardOptions} of this local Entra. */
export type StartHost = (entra: LocalEntra) => Promise<RunningHost>;

/** What every host builds its guard with: the API `orders`, no log. */
export function guardOptions(entra: LocalEntra): EntraOptions & GuardSettings {
  return { ...entra.options('orders'), log: false, groupsOf: (auth) => groupsOf(auth, entra) };
}

/** Runs the whole table against one host. */
export function describeHttpRows(hostName: string, startHost: StartHost, traits: HostTraits): void {
  const rows = httpRows.filter((row) => row.appliesTo?.(traits) ?? true);
  const down = (row: HttpRow) => row.keys === 'unavailable';
  describeRows(
    `HTTP on ${hostName}`,
    rows.filter((row) => !down(row)),
    startHost,
    traits,
    () => {},
  );
  describeRows(`HTTP on ${hostName}, keys unavailable`, rows.filter(down), startHost, traits, (entra) => {
    entra.fail('keys', 503);
    entra.fail('metadata', 503);
  });
}

function describeRows(
  title: string,
  rows: readonly HttpRow[],
  startHost: StartHost,
  traits: HostTraits,
  prepare: (entra: LocalEntra) => void,
): void {
  describe(title, () => {
    let entra: LocalEntra;
    let host: RunningHost | undefined;

    beforeAll(async () => {
      entra = await startEntra({ apps: registrations });
      prepare(entra);
      host = await startHost(entra);
    });

    afterAll(async () => {
      await host?.close();
      await entra.close();
    });

    it.each(rows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
      const request = row.request(entra);
      const exchange = await send(host?.origin ?? '', request);
      if (row.expect.status === 200) expectGranted(exchange, row.expect, request.method === 'HEAD');
      else expectRefused(exchange, filled(row.expect, entra), traits, request.method === 'HEAD');
    });
  });
}

function expectGranted(exchange: Exchange, expected: Granted, head: boolean): void {
  expect(exchange, exchange.body).toMatchObject({ status: 200 });
  expect(exchange.headers.get('www-authenticate')).toBeUndefined();
  if (head) expect(exchange.body).toBe('');
  else expect(JSON.parse(exchange.body)).toMatchObject(expected.body ?? {});
}

/** The whole body, so that nothing can be told that is not in the table: no hint, no explanation, no token. */
function expectRefused(exchange: Exchange, expected: Refused, traits: HostTraits, head: boolean): void {
  const { headers, body } = exchange;
  expect({ status: exchange.status, challenge: headers.get('www-authenticate') }).toEqual({
    status: expected.status,
    challenge: expected.challenge === undefined ? undefined : [expected.challenge],
  });
  expect(headers.get('cache-control')).toEqual(['no-store']);
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    expect(headers.get(name), name).toEqual([expect.stringMatching(value)]);
  }
  if (head) {
    expect(body).toBe('');
    return;
  }
  expect(headers.get('content-type')).toEqual([
    expect.stringMatching(traits.problemType ?? /^application\/problem\+json\b/),
  ]);
  const { enough, claim } = expected;
  expect(JSON.parse(body)).toEqual({
    title: TITLES[expected.status],
    status: expected.status,
    code: expected.code,
    detail: expect.stringMatching(/^[A-Z].*[.>]$/),
    ...(enough === undefined ? {} : { enough }),
    ...(claim === undefined ? {} : { claim }),
  });
}

const TITLES: Readonly<Record<Refused['status'], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The row with this Entra's GUIDs in their places. */
function filled(expected: Refused, entra: LocalEntra): Refused {
  const text = (template: string): string =>
    template.replaceAll('{tenant}', entra.tenantId).replaceAll('{api}', entra.clientIdOf('orders'));
  const { challenge, enough } = expected;
  return {
    ...expected,
    ...(challenge === undefined ? {} : { challenge: text(challenge) }),
    ...(enough === undefined
      ? {}
      : {
          enough: Object.fromEntries(Object.entries(enough).map(([kind, names]) => [kind, names.map(text)])),
        }),
  };
}
