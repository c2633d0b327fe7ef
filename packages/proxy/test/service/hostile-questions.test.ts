import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { DIALECT_OF } from '../../src/dialects/dialects.js';
import { Judge } from '../../src/service/judge.js';
import { FORGED, type Hostile, hostile, numbersFrom, pick } from '../support/hostile.js';
import { forwarded, type Header, serving } from '../support/service.js';

const QUESTIONS = 100_000;
const FACTS = [
  'x-forwarded-method',
  'x-forwarded-uri',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-for',
];
const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];
const normal = (name: string) => name.toLowerCase().replaceAll('_', '-');

/** As Node gives a question: headers of the client before, between or after those of the server in front. */
function asked(next: () => number, facts: readonly Header[], given: readonly Header[]): IncomingMessage {
  const headers = [...facts];
  for (const header of given) headers.splice(Math.floor(next() * (headers.length + 1)), 0, header);
  return {
    method: 'GET',
    url: '/check',
    rawHeaders: headers.flat(),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
  } as unknown as IncomingMessage;
}

describe('a hostile question', () => {
  it.each(['nginx', 'haproxy', 'caddy', 'traefik'] as const)(
    `is decided by what the server in front says, or refused, ${QUESTIONS / 4} times: %s`,
    async (dialect) => {
      const place = await serving({ dialect });
      const judge = new Judge(place.policy, place.guard, DIALECT_OF[dialect], 2_000);
      const token = place.entra.user('ada', { scp: 'Orders.Read' }).token;
      await place.guard.authenticate({ headers: { authorization: `Bearer ${token}` } });
      const next = numbersFrom(dialect.length);
      let [allowed, differed] = [0, 0];
      for (let count = 0; count < QUESTIONS / 4; count++) {
        const { method, target, host, headers }: Hostile = hostile(next);
        const facts = forwarded({
          'X-Forwarded-Method': method,
          'X-Forwarded-Uri': target,
          'X-Forwarded-Host': host,
          'X-Forwarded-Proto': pick(next, ['http', 'https']),
        });
        const credential: readonly Header[] = [['Authorization', `Bearer ${token}`]];
        const verdict = await judge.decide(asked(next, facts, [...credential, ...headers]));
        const clean = await judge.decide(asked(next, facts, credential));
        const names = headers.map(([name]) => normal(name));
        const isUnclear = names.some((name) => FACTS.includes(name) || OVERRIDES.includes(name));
        if (verdict.allowed !== clean.allowed) differed += 1;
        // No header of a client makes a refusal an answer, or chooses another rule.
        if (verdict.allowed) {
          allowed += 1;
          expect(isUnclear).toBe(false);
          expect(clean).toMatchObject({ allowed: true, rule: verdict.rule });
          expect(place.policy.match({ method, host, path: target }).rule).toBe(verdict.rule);
          expect(JSON.stringify([verdict.rule, verdict.app.name])).not.toContain(FORGED);
        }
      }
      expect(allowed).toBeGreaterThan(QUESTIONS / 100);
      expect(differed).toBeGreaterThan(0);
      await place.close();
    },
    60_000,
  );
});
