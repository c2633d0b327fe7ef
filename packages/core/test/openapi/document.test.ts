import { describe, expect, it } from 'vitest';
import {
  allOf,
  anonymous,
  ConfigurationError,
  createValidator,
  DocumentSecurity,
  limit,
  type OperationAccess,
  type SecuredDocument,
  type SecuredOperation,
  scopes,
  userRoles,
  whenAgent,
} from '../../src/index.js';

const TENANT = '11111111-1111-4111-8111-111111111111';
const LOGIN = `https://login.microsoftonline.com/${TENANT}`;
const metadata = {
  issuer: `${LOGIN}/v2.0`,
  jwks_uri: `${LOGIN}/discovery/v2.0/keys`,
  authorization_endpoint: `${LOGIN}/oauth2/v2.0/authorize`,
  token_endpoint: `${LOGIN}/oauth2/v2.0/token`,
};

/** The validator of an API whose authority answers with these metadata; not at all without any. */
const validator = (answer?: object) =>
  createValidator({
    tenantId: TENANT,
    clientId: '22222222-2222-4222-8222-222222222222',
    applicationIdUri: 'api://orders',
    log: false,
    fetch: async () => (answer ? Response.json(answer) : new Response('', { status: 503 })),
  });

function described(access: OperationAccess, operation: SecuredOperation, document: SecuredDocument = {}) {
  new DocumentSecurity(validator()).describe(operation, access, document);
  return operation;
}

describe('an operation of a document', () => {
  it.each<[name: string, access: OperationAccess, security: readonly object[], refusals: readonly string[]]>([
    ['a scope', scopes('Read'), [{ entra: ['api://orders/Read'] }], ['401', '403', '503']],
    [
      'a limit for agents',
      allOf(scopes('Read'), whenAgent(limit({ calls: 1, per: '1m' }))),
      [{ entra: ['api://orders/Read'] }],
      ['401', '403', '429', '503'],
    ],
    ['a role', userRoles('Clerk'), [{ entra: [] }], ['401', '403', '503']],
    ['any accepted token', 'authenticated', [{ entra: [] }], ['401', '503']],
    ['a token, if there is one', 'optional', [{}, { entra: [] }], ['401', '503']],
  ])('requires %s', (_, access, security, refusals) => {
    const operation = described(access, {});
    expect(operation.security).toEqual(security);
    expect(Object.keys(operation.responses ?? {})).toEqual(refusals);
  });

  it('keeps what it says of its answers, not what it says of its security', () => {
    const own = { description: 'Our own words.' };
    const operation = described(scopes('Read'), { security: [{ key: [] }], responses: { 403: own } });
    expect(operation.security).toEqual([{ entra: ['api://orders/Read'] }]);
    expect(operation.responses).toMatchObject({ 401: {}, 403: own, 503: {} });
  });

  it('that is open says so only where the document requires something of all', () => {
    const open = { security: [{ key: [] }], responses: { 200: {} } };
    expect(described(anonymous(), { ...open })).toEqual({ responses: { 200: {} } });
    expect(described(anonymous(), { ...open }, { security: [{ key: [] }] })).toEqual({
      security: [],
      responses: { 200: {} },
    });
  });
});

describe('the security schemes of a document', () => {
  it('name the scopes that operations require, next to the schemes that were there', async () => {
    const security = new DocumentSecurity(validator(metadata), { scopes: { Read: 'Read orders' } });
    const document = { info: {}, components: { schemas: {}, securitySchemes: { key: { type: 'apiKey' } } } };
    security.describe({}, scopes('Read', 'Write'), document);
    security.describe({}, anonymous(), document);
    expect(await security.secured(document)).toMatchObject({
      info: {},
      components: {
        schemas: {},
        securitySchemes: {
          key: { type: 'apiKey' },
          entra: {
            flows: {
              authorizationCode: {
                authorizationUrl: metadata.authorization_endpoint,
                scopes: { 'api://orders/Read': 'Read orders', 'api://orders/Write': 'Write' },
              },
            },
          },
          entraApp: { type: 'oauth2' },
        },
      },
    });
    expect(Object.keys(document.components.securitySchemes)).toEqual(['key']);
  });

  it.each([
    [{}, ['entra', 'entraApp']],
    [{ userScheme: 'people', appScheme: 'jobs' }, ['people', 'jobs']],
  ])('name the metadata while it can not be read, with the names of %j', async (names, expected) => {
    const { components } = await new DocumentSecurity(validator(), names).secured<SecuredDocument>({});
    const scheme = {
      type: 'openIdConnect',
      openIdConnectUrl: `${LOGIN}/v2.0/.well-known/openid-configuration`,
    };
    expect(components?.securitySchemes).toEqual(Object.fromEntries(expected.map((name) => [name, scheme])));
  });

  it('are an error where the metadata names no endpoints', async () => {
    const { authorization_endpoint: _, token_endpoint: __, ...mute } = metadata;
    const secured = new DocumentSecurity(validator(mute)).secured({});
    await expect(secured).rejects.toThrow(ConfigurationError);
  });
});
