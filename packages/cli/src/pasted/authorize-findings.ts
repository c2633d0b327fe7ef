/** Something wrong with a request to sign in. */
export interface AuthorizeFinding {
  readonly found: string;
  readonly change: string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OPENID = new Set(['openid', 'profile', 'email', 'offline_access']);

/** What is wrong with an authorize URL, as far as it can be told without the registration (RFC 6749 section 4.1.1; Entra: v2 protocols). */
export function authorizeFindings(url: URL): readonly AuthorizeFinding[] {
  const query = url.searchParams;
  const findings: AuthorizeFinding[] = [];
  const tell = (found: string, change: string): void => void findings.push({ found, change });
  const clientId = query.get('client_id') ?? '';
  if (!GUID.test(clientId) && !/^https:\/\//.test(clientId)) {
    tell(
      clientId === '' ? 'client_id is missing.' : 'client_id is not a GUID.',
      "Send the client's application (client) ID.",
    );
  }
  const redirect = query.get('redirect_uri') ?? '';
  if (redirect === '') tell('redirect_uri is missing.', 'Send one that is registered (AADSTS50011).');
  else if (!URL.canParse(redirect))
    tell('redirect_uri is not a URL.', 'Send an absolute URL, encoded (AADSTS90102).');
  scopes(query, clientId, tell);
  types(query, tell);
  if (query.get('prompt') === 'consent') {
    tell(
      'prompt is consent: each person is asked each time, and people who may not consent are refused (AADSTS90094).',
      'Leave it out.',
    );
  }
  if (query.has('resource'))
    tell('resource is sent.', 'Send scope in place of it (AADSTS901002, AADSTS9010010).');
  if (/^\/(common|organizations|consumers)\//.test(url.pathname)) {
    tell(
      'The authority is of every tenant.',
      'For an application of one tenant, use its ID in the path (AADSTS50194).',
    );
  }
  if (/\/oauth2\/authorize$/.test(url.pathname) && !/\/v2\.0\//.test(url.pathname)) {
    tell('It is the version 1 endpoint.', 'Use /oauth2/v2.0/authorize.');
  }
  return findings;
}

type Tell = (found: string, change: string) => void;

function scopes(query: URLSearchParams, clientId: string, tell: Tell): void {
  const list = (query.get('scope') ?? '').split(/\s+/).filter(Boolean);
  if (list.length === 0) {
    tell('scope is missing (AADSTS900144).', 'Send the scopes of the API, in full: api://<API>/<scope>.');
    return;
  }
  const ofApis = list.filter((one) => !OPENID.has(one));
  const short = ofApis.filter((one) => !one.includes('/'));
  if (short.length > 0) {
    tell(
      'A scope names no API, so Entra takes it for one of Microsoft Graph (AADSTS650053).',
      'Put the application ID URI in front of it: api://<API>/<scope>.',
    );
  }
  const apis = new Set(
    ofApis.filter((one) => one.includes('/')).map((one) => one.slice(0, one.lastIndexOf('/'))),
  );
  if (apis.size > 1)
    tell(
      'Scopes of several APIs are asked for (AADSTS700022 at the token endpoint).',
      'Ask for one API at a time.',
    );
  if (ofApis.length === 0)
    tell(
      'No scope of an API is asked for: there will be no access token for one.',
      'Add api://<API>/<scope>.',
    );
  if ([...apis].some((api) => api.toLowerCase() === `api://${clientId.toLowerCase()}`)) {
    tell(
      'The application asks for itself by its application ID URI (AADSTS90009).',
      'Use its client ID: <client ID>/.default.',
    );
  }
  if (!list.includes('openid'))
    tell('openid is not among the scopes: there will be no ID token.', 'Add it for a sign-in.');
}

function types(query: URLSearchParams, tell: Tell): void {
  const type = query.get('response_type') ?? '';
  if (type === '') tell('response_type is missing.', 'Send code.');
  if (/\btoken\b/.test(type))
    tell('The implicit grant is asked for: tokens stand in addresses.', 'Use code with PKCE.');
  if (/\bcode\b/.test(type) && !query.has('code_challenge')) {
    tell('code_challenge is missing.', 'Send one, with code_challenge_method=S256 (RFC 7636).');
  }
  if (query.get('code_challenge_method') === 'plain') tell('code_challenge_method is plain.', 'Use S256.');
  if (!query.has('state'))
    tell('state is missing.', 'Send a random one, and compare it (RFC 6749 section 10.12).');
}
