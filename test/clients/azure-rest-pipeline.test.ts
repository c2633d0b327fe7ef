import { createRequire } from 'node:module';
import { createGuard, memoryRevocations, scopes } from '@entra-guard/core';
import { expect, it } from 'vitest';
import { contoso } from '../support/contoso.js';
import { ADA, fetchFromMemory, ISSUED, signed, TENANT, userClaims } from '../support/forger.js';

/** What the tests use of `@azure/core-rest-pipeline`, which all clients of the Azure SDK send their requests with. */
interface RestPipeline {
  createEmptyPipeline(): {
    addPolicy(policy: object): void;
    sendRequest(client: HttpClient, request: SdkRequest): Promise<{ readonly status: number }>;
  };
  createHttpHeaders(headers: Readonly<Record<string, string>>): object;
  createPipelineRequest(request: { readonly url: string }): SdkRequest;
  bearerTokenAuthenticationPolicy(options: { credential: object; scopes: string }): object;
}

interface SdkRequest {
  readonly headers: { toJSON(options: { preserveCase: boolean }): Record<string, string> };
}

interface HttpClient {
  sendRequest(request: SdkRequest): Promise<object>;
}

const require = createRequire(import.meta.url);
const azure = createRequire(require.resolve('@azure/identity'))('@azure/core-rest-pipeline') as RestPipeline;

const target = { user: ADA, tenantId: TENANT };
const because = 'lost her laptop';
/** Seconds: from then on a token that Entra dates five minutes back is accepted. */
const later = ISSUED + 600;

const token = (issuedAt: number, claims: object = {}) =>
  signed(userClaims({ iat: issuedAt, nbf: issuedAt, exp: issuedAt + 3600, xms_cc: ['cp1'], ...claims }));

/** Sends one request as the Azure SDK does: what its credential was asked for, and what the guard said each time. */
async function sent(tokens: readonly string[], issuedBefore?: number) {
  const now = () => later * 1000;
  const revocations = memoryRevocations({ now });
  await revocations.revoke(target, { because, ...(issuedBefore === undefined ? {} : { issuedBefore }) });
  const guard = createGuard({ ...contoso({ fetch: fetchFromMemory }), now, revocations, log: false });
  const asked: (string | undefined)[] = [];
  const answers: number[] = [];
  const pipeline = azure.createEmptyPipeline();
  const getToken = async (_scopes: readonly string[], options: { readonly claims?: string }) => {
    asked.push(options.claims);
    return { token: tokens[asked.length - 1], expiresOnTimestamp: Date.now() + 3_600_000 };
  };
  pipeline.addPolicy(
    azure.bearerTokenAuthenticationPolicy({ scopes: 'api://orders/.default', credential: { getToken } }),
  );
  const client: HttpClient = {
    sendRequest: async (request) => {
      const answer = await guard
        .require({ headers: request.headers.toJSON({ preserveCase: false }) }, scopes('Orders.Read'))
        .then(
          () => ({ status: 200, headers: {} }),
          (error) => guard.toHttp(error),
        );
      answers.push(answer.status);
      return { request, status: answer.status, headers: azure.createHttpHeaders({ ...answer.headers }) };
    },
  };
  const request = azure.createPipelineRequest({ url: 'https://orders.contoso.example/orders' });
  const { status } = await pipeline.sendRequest(client, request);
  return { status, asked, answers };
}

/** What asks Entra for a token from after the cutoff. */
const fresh = JSON.stringify({ access_token: { nbf: { essential: true, value: String(ISSUED + 2) } } });
const cutoff = ISSUED * 1000 + 1;

it('the Azure SDK fetches a fresh token when a guard asks for one, and is let in', async () => {
  expect(await sent([token(ISSUED), token(later - 300)], cutoff)).toEqual({
    status: 200,
    asked: [undefined, fresh],
    answers: [401, 200],
  });
});

it('the Azure SDK tries once only, where the fresh token is as old', async () => {
  expect(await sent([token(ISSUED), token(ISSUED)], cutoff)).toEqual({
    status: 401,
    asked: [undefined, fresh],
    answers: [401, 401],
  });
});

it.each<[string, string, number | undefined]>([
  ['of a ban', token(ISSUED), undefined],
  ['of a client without the capability', token(ISSUED, { xms_cc: undefined }), cutoff],
])('the Azure SDK asks for nothing more after the refusal %s', async (_, first, issuedBefore) => {
  expect(await sent([first], issuedBefore)).toEqual({ status: 401, asked: [undefined], answers: [401] });
});
