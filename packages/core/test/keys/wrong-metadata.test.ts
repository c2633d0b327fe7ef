import { describe, expect, it } from 'vitest';
import {
  documents,
  KEY,
  LOGIN,
  OTHER_TENANT,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

describe('invalid metadata decides nothing (503)', () => {
  const url = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;
  const good = { issuer: v2Issuer(TENANT), jwks_uri: `${LOGIN}/${TENANT}/discovery/v2.0/keys` };
  it.each([
    ['no issuer', { ...good, issuer: undefined }],
    ['an issuer that is not a URL', { ...good, issuer: 'x' }],
    ['an issuer on http', { ...good, issuer: good.issuer.replace('https', 'http') }],
    ['the issuer of another tenant', { ...good, issuer: v2Issuer(OTHER_TENANT) }],
    ['an issuer for every tenant', { ...good, issuer: v2Issuer('{tenantid}') }],
    ['an issuer without a tenant', { ...good, issuer: `${LOGIN}/v2.0` }],
    ['an issuer on a foreign host', { ...good, issuer: `https://evil.example/${TENANT}/v2.0` }],
    ['no jwks_uri', { ...good, jwks_uri: undefined }],
    ['a jwks_uri on http', { ...good, jwks_uri: good.jwks_uri.replace('https', 'http') }],
    ['a jwks_uri on a foreign host', { ...good, jwks_uri: 'https://evil.example/keys' }],
    [
      'a jwks_uri on a host that ends like ours',
      { ...good, jwks_uri: 'https://evillogin.microsoftonline.com.example/keys' },
    ],
    ['a jwks_uri on loopback', { ...good, jwks_uri: 'http://localhost/keys' }],
    ['a jwks_uri that is a file', { ...good, jwks_uri: 'file:///etc/passwd' }],
    ['a jwks_uri of another cloud', { ...good, jwks_uri: 'https://login.microsoftonline.us/keys' }],
    ['a token endpoint on http', { ...good, token_endpoint: `${LOGIN}/token`.replace('https', 'http') }],
    ['a token endpoint on a foreign host', { ...good, token_endpoint: 'https://evil.example/token' }],
    [
      'a token endpoint of another cloud',
      { ...good, token_endpoint: 'https://login.microsoftonline.us/token' },
    ],
    ['a token endpoint on loopback', { ...good, token_endpoint: 'http://localhost/token' }],
    ['a list', [good]],
  ])('%s', async (_, page) => {
    const docs = documents({ ...tenantPages(), [url]: page });
    docs.pages.set('https://evil.example/keys', { keys: [KEY.jwk] });
    docs.pages.set('http://localhost/keys', { keys: [KEY.jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('keys_unavailable');
    expect(docs.asked).toEqual([url]);
  });
});
