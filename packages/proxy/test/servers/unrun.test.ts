import { serverConfiguration } from '@entra-guard/proxy';
import { readPolicy } from '@entra-guard/proxy/policy';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { policyText } from '../support/policy-text.js';

type Json = Record<string, never>;
const policy = readPolicy(
  policyText('http://localhost:1/tenant', '00001111-aaaa-2222-bbbb-3333cccc4444', 8081),
  {
    env: {},
  },
);
const filesOf = (server: 'traefik' | 'envoy') =>
  serverConfiguration(policy, server).map(({ text }) => parse(text) as Json);

// Neither is run: what they have to be told, their documentation says.
describe('the configuration of Traefik', () => {
  const [fixed, dynamic] = filesOf('traefik') as [Json, Json];
  const { middlewares, routers, services } = (
    dynamic as unknown as { http: Record<string, Record<string, Json>> }
  ).http;

  it('believes nothing that clients say of where a request came from', () => {
    expect(fixed).toMatchObject({
      entryPoints: { web: { address: '127.0.0.1:8080', forwardedHeaders: { insecure: false } } },
      providers: { file: { filename: 'dynamic.yaml' } },
    });
    expect(middlewares?.['entra-guard']).toEqual({
      forwardAuth: {
        address: 'http://127.0.0.1:4180/check',
        trustForwardHeader: false,
        authResponseHeaders: ['X-Entra-Assertion', 'Cookie'],
        maxResponseBodySize: 65_536,
      },
    });
  });

  it('strips, then asks, then removes the token, for each application', () => {
    expect(routers?.orders).toMatchObject({
      rule: 'Host(`orders.contoso.example`)',
      middlewares: ['entra-cors-orders', 'entra-strip', 'entra-guard', 'entra-no-token'],
      service: 'orders',
    });
    expect(routers?.raw).toMatchObject({ middlewares: ['entra-strip', 'entra-guard'] });
    expect(middlewares?.['entra-no-token']).toEqual({
      headers: { customRequestHeaders: { Authorization: '' } },
    });
    const strip = middlewares?.['entra-strip'] as undefined | { headers: Record<string, Json> };
    const customRequestHeaders = strip?.headers.customRequestHeaders;
    expect(customRequestHeaders).toMatchObject({
      forwarded: '',
      'x-original-url': '',
      'x-ms-client-principal': '',
    });
    // Traefik removes it itself before it copies it, and an empty one here would come before that.
    expect(customRequestHeaders).not.toHaveProperty('x-entra-assertion');
    expect(services?.orders).toEqual({ loadBalancer: { servers: [{ url: 'http://127.0.0.1:8081' }] } });
  });
});

describe('the configuration of Envoy', () => {
  const text = JSON.stringify(filesOf('envoy'));

  it.each([
    '"failure_mode_allow":false',
    '"status_on_error":{"code":"ServiceUnavailable"}',
    '"normalize_path":true',
    '"merge_slashes":true',
    '"path_with_escaped_slashes_action":"REJECT_REQUEST"',
    '"headers_with_underscores_action":"REJECT_REQUEST"',
    '"allowed_upstream_headers":{"patterns":[{"exact":"x-entra-assertion"},{"exact":"cookie"}]}',
    '{"prefix":"x-entra-","ignore_case":true}',
    '{"prefix":"x-http-method","ignore_case":true}',
    '{"exact":"x-method-override","ignore_case":true}',
  ])('says %s', (setting) => {
    expect(text).toContain(setting);
  });

  it('asks before it routes, and answers preflights before it asks', () => {
    const names = [...text.matchAll(/"envoy\.filters\.http\.([a-z_]+)","typed_config"/g)].map(
      ([, name]) => name,
    );
    expect(names).toEqual(['cors', 'ext_authz', 'router']);
    expect(text).not.toMatch(/"disabled"|path_prefix/);
  });
});
