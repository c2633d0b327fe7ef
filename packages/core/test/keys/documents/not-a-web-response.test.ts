import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { contoso } from '../../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../../test/support/forger.js';
import { createGuard, createValidator, type LogEntry, scopes } from '../../../src/index.js';
import { refusalOf } from '../../refusals.js';

it('a fetch of node-fetch is told of as that, and not as a network that fails', async () => {
  const log: LogEntry[] = [];
  const fetch = (async () => ({
    status: 200,
    headers: new Headers(),
    body: Readable.from([Buffer.from('{}')]),
  })) as unknown as typeof globalThis.fetch;
  const validator = createValidator(contoso({ fetch, log: (entry) => log.push(entry) }));
  const guard = createGuard({ validator });
  const request = { headers: { authorization: `Bearer ${signed(userClaims())}` } };
  const error = await refusalOf(guard.require(request, scopes('Orders.Read')));
  expect(error).toMatchObject({ status: 503, code: 'keys_unavailable' });
  expect(error.message).toContain('the option fetch gave a response whose body is not a web stream');
  expect(error.hint).toContain('has to give a web Response');
  expect(log.map(({ hint }) => hint).join()).toContain('has to give a web Response');
  expect(JSON.stringify([error.hint, log])).not.toMatch(/DNS|firewall|reach the authority/);
  expect(validator.state().sources[0]?.lastError).toContain('not a web stream');
});
