import { describe, expect, it } from 'vitest';
import { API, DAEMON, SPA, signed, TENANT, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('audience (SECURITY.md 5)', () => {
  const uri = 'https://api.contoso.example/orders';
  const withAudience = singleTenant({ audience: uri });

  it.each([
    ['the client ID', API, 'accepted'],
    ['the client ID in capitals', API.toUpperCase(), 'accepted'],
    ['the client ID with a trailing slash, which only URIs have', `${API}/`, 'audience_not_accepted'],
    ['the default application ID URI', `api://${API}`, 'accepted'],
    ['the same with a trailing slash', `api://${API}/`, 'accepted'],
    ['a configured audience', uri, 'accepted'],
    ['a configured audience with a trailing slash', `${uri}/`, 'accepted'],
    ['two trailing slashes', `${uri}//`, 'audience_not_accepted'],
    ['a path below', `${uri}/more`, 'audience_not_accepted'],
    ['the same in capitals', uri.toUpperCase(), 'audience_not_accepted'],
    ['Microsoft Graph', '00000003-0000-0000-c000-000000000000', 'audience_not_accepted'],
    ['Microsoft Graph by URL', 'https://graph.microsoft.com', 'audience_not_accepted'],
    ['another API', DAEMON, 'audience_not_accepted'],
    ['the client itself', SPA, 'audience_not_accepted'],
    ['workload identity federation', 'api://AzureADTokenExchange', 'audience_not_accepted'],
    ['a list that holds ours', [API], 'audience_not_accepted'],
    ['none', undefined, 'audience_not_accepted'],
    ['null', null, 'audience_not_accepted'],
    ['an empty string', '', 'audience_not_accepted'],
    ['an object', { aud: API }, 'audience_not_accepted'],
    ['a number', 1, 'audience_not_accepted'],
    ['ours with a space', `${API} `, 'audience_not_accepted'],
  ])('%s', async (_, aud, expected) => {
    expect(await outcomeOf(withAudience, signed(userClaims({ aud })))).toBe(expected);
  });

  it('an audience that was not configured is refused', async () => {
    expect(await outcomeOf(validator, signed(userClaims({ aud: uri })))).toBe('audience_not_accepted');
  });

  it('applicationIdUri takes the place of api://{clientId}', async () => {
    const own = singleTenant({ applicationIdUri: 'api://orders' });
    expect(await outcomeOf(own, signed(userClaims({ aud: 'api://orders' })))).toBe('accepted');
    expect(await outcomeOf(own, signed(userClaims({ aud: `api://${API}` })))).toBe('audience_not_accepted');
  });
});

describe('what a refusal says of the audience', () => {
  it('names what was found, what was expected and the likely cause, for a Graph token', async () => {
    const error = await refusalOf(
      validator,
      signed(userClaims({ aud: '00000003-0000-0000-c000-000000000000' })),
    );
    expect(error).toMatchObject({
      name: 'TokenError',
      code: 'audience_not_accepted',
      status: 401,
      found: '"00000003-0000-0000-c000-000000000000"',
      expected: `"${API}" or "api://${API}"`,
      verified: false,
    });
    expect(error.hint).toContain('Microsoft Graph');
    expect(error.hint).toContain(`api://${API}/<scope>`);
  });

  it.each([['another App ID URI', signed(userClaims({ aud: 'api://other' })), 'App ID URI']])(
    'hints at the cause: %s',
    async (_, token, words) => {
      expect((await refusalOf(validator, token)).hint).toContain(words);
    },
  );

  it.each([
    [
      'an assertion for federation',
      signed(userClaims({ aud: 'api://AzureADTokenExchange' })),
      /federation/,
      /App ID URI/,
    ],
    ['the client as the audience', signed(userClaims({ aud: SPA })), /client itself/, /another application/],
    [
      'the client as the audience, v1',
      signed(userClaims({ aud: DAEMON, appid: DAEMON })),
      /client itself/,
      /another application/,
    ],
    [
      'another application as the audience',
      signed(userClaims({ aud: TENANT })),
      /another application/,
      /client itself/,
    ],
    [
      'Graph by URL',
      signed(userClaims({ aud: 'https://graph.microsoft.com/' })),
      /Microsoft Graph/,
      /App ID URI/,
    ],
    ['no audience', signed(userClaims({ aud: undefined })), /exactly one audience/, /Graph/],
  ])('gives the hint that fits, and not another one: %s', async (_, token, says, saysNot) => {
    const { hint } = await refusalOf(validator, token);
    expect(hint).toMatch(says);
    expect(hint).not.toMatch(saysNot);
  });

  it.each([
    ['no audience', signed(userClaims({ aud: undefined })), 'nothing'],
    ['a number for an audience', signed(userClaims({ aud: 7 })), '7'],
    ['a list for an audience', signed(userClaims({ aud: [API] })), 'an array of 1'],
    ['an object for an audience', signed(userClaims({ aud: {} })), 'an object'],
  ])('says what was found: %s', async (_, token, found) => {
    expect(await refusalOf(validator, token)).toMatchObject({ found });
  });

  it('what a token says is bounded and escaped in the message', async () => {
    const aud = `evil\r\n\u2028\u202e${'x'.repeat(1000)}`;
    const error = await refusalOf(validator, signed(userClaims({ aud })));
    expect(error.message).toContain('evil\\u000d\\u000a\\u2028\\u202e');
    expect(error.message.length).toBeLessThan(600);
    expect(error.message).not.toMatch(/[\r\n\u2028\u202e]/);
  });
});
