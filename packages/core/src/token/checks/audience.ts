import type { JsonObject } from '../../base/json-object.js';
import { type Refusal, shown } from '../../base/refusal.js';
import { type Audiences, normalizedAudience } from '../../options/audiences.js';
import type { Look } from './look.js';

const GRAPH: ReadonlySet<string> = new Set([
  '00000003-0000-0000-c000-000000000000',
  'https://graph.microsoft.com',
]);

/** Refuses a token for another API, even if its signature is valid (confused deputy; RFC 9700 section 4.9.1). */
export function checkAudience({ claims, authority }: Look): Refusal | undefined {
  const { aud } = claims;
  const { audiences } = authority.settings;
  const { accepted } = audiences;
  // Most audiences are already in normal form and need no conversion.
  if (typeof aud === 'string' && (accepted.has(aud) || accepted.has(normalizedAudience(aud))))
    return undefined;
  return {
    code: 'audience_not_accepted',
    subject: 'audience (aud)',
    found: shown(aud),
    expected: [...accepted].map((one) => `"${one}"`).join(' or '),
    hint: audienceHint(aud, claims, audiences),
  };
}

function audienceHint(aud: unknown, claims: JsonObject, { clientId, applicationIdUri }: Audiences): string {
  const ask = `${applicationIdUri}/<scope>`;
  if (typeof aud !== 'string') {
    return 'Entra writes exactly one audience into every access token: this one does not come from Entra.';
  }
  if (GRAPH.has(normalizedAudience(aud))) {
    return `The audience is Microsoft Graph: the client asked for a Graph scope, or for a scope without a resource (User.Read), which Entra takes for one of Graph. It has to ask for ${ask} instead.`;
  }
  if (aud === 'api://AzureADTokenExchange') {
    return 'This is an assertion for workload identity federation. The client has to exchange it at Entra for an access token first.';
  }
  if (aud === claims.azp || aud === claims.appid) {
    return `The audience is the client itself: it asked for a scope of its own, or sent an ID token. It has to ask for ${ask}.`;
  }
  if (aud.startsWith('api://') || aud.startsWith('https://')) {
    return `The token is for another App ID URI. If that is this API's (Entra: "Expose an API"), set applicationIdUri or audience to it; v1 tokens carry the URI and v2 tokens the client ID, as api.requestedAccessTokenVersion in the manifest says. Else the client has to ask for ${ask}.`;
  }
  return `The token is for another application. If that is this API, set clientId (now ${clientId}) to it; else the client has to ask for ${ask}.`;
}
