import type { Policy } from '@entra-guard/proxy/policy';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placeOf } from '../support/front.js';
import { type Front, whyNot } from '../support/front-server.js';
import { FORGED, hostile, numbersFrom } from '../support/hostile.js';
import { request, sendRaw } from '../support/raw-client.js';
import { valuesOf } from '../support/raw-upstream.js';
import type { Header } from '../support/service.js';

const REQUESTS = 3_000;

/** A policy that writes down what it is asked. */
function listening(policy: Policy) {
  const judged: string[] = [];
  const match: typeof policy.match = (asked) => {
    judged.push(JSON.stringify([asked.method, asked.host, asked.path]));
    return policy.match(asked);
  };
  return { judged, policy: { ...policy, match } };
}

describe.each<Front>(['nginx', 'haproxy', 'caddy', 'embedded'])('in front: %s', (front) => {
  const missing = whyNot(front);
  const title = `what was judged is what the application receives, in ${REQUESTS} hostile requests`;
  it.skipIf(missing !== undefined)(
    missing === undefined ? title : `${title} (skipped: ${missing})`,
    async () => {
      const place = await placeOf(front);
      onTestFinished(() => place.close());
      const { judged, policy } = listening(place.policy);
      place.service.use(policy);
      const next = numbersFrom(20_261_130);
      const reader: Header = [
        'Authorization',
        `Bearer ${place.entra.user('ada', { scp: 'Orders.Read' }).token}`,
      ];
      let passed = 0;
      for (let count = 0; count < REQUESTS; count++) {
        const { method, target, host, headers } = hostile(next);
        judged.length = 0;
        place.upstream.received.length = 0;
        const sent = request(`${method} ${target}`, [
          ['Host', host],
          reader,
          ...headers,
          ['Content-Length', '0'],
        ]);
        const { status } = await sendRaw(place.port, sent);
        const [received, ...more] = place.upstream.received;
        expect(more).toEqual([]);
        if (received === undefined) {
          expect(status >= 200 && status < 300, sent).toBe(false);
          continue;
        }
        passed += 1;
        const [upstreamHost = ''] = valuesOf(received, 'host');
        expect(judged, sent).toContain(JSON.stringify([received.method, upstreamHost, received.target]));
        const { rule, app } = place.policy.match({
          method: received.method,
          host: upstreamHost,
          path: received.target,
        });
        expect(rule, sent).toBeDefined();
        const forged = received.headers.filter(([, value]) => value.includes(FORGED));
        expect(forged, sent).toEqual([]);
        const assertions = valuesOf(received, 'x-entra-assertion');
        const rules = assertions.map(
          (one) => JSON.parse(Buffer.from(one.split('.')[1] as string, 'base64url').toString()).rule,
        );
        expect(rules, sent).toEqual(app?.identity === 'none' ? [] : [rule?.path]);
      }
      // Else nothing was compared.
      expect(passed).toBeGreaterThan(REQUESTS / 20);
    },
    120_000,
  );
});
