/** Who has to change something. */
export type Whose =
  | "the client's registration"
  | "the API's registration"
  | "the client's code"
  | 'the tenant'
  | 'the person who signs in'
  | "the API's code";

/** What a code of Entra means, and the one change that ends it. */
export interface AadstsAdvice {
  /** Without "AADSTS". */
  readonly code: string;
  readonly means: string;
  readonly whose: Whose;
  readonly change: string;
}

const entry = (code: string, means: string, whose: Whose, change: string): AadstsAdvice =>
  Object.freeze({ code, means, whose, change });

const CLIENT = "the client's registration";
const API = "the API's registration";
const CODE = "the client's code";
const TENANT = 'the tenant';
const PERSON = 'the person who signs in';

const SIGN_IN_AGAIN =
  'Sign in again. A client does so where it asks interactively after interaction_required or invalid_grant.';
const STEP_UP =
  'Have the client sign in interactively, with the claims of the answer; an API passes them on in its challenge.';

/**
 * Codes of Entra, by their number. Of what Microsoft documents (Entra: authentication and authorization error codes), those that stop
 * callers of an API. Nothing of Node is imported here, so that a page can use it.
 */
export const AADSTS: readonly AadstsAdvice[] = Object.freeze([
  entry(
    '16000',
    'The account is not in the tenant, or several accounts are signed in.',
    PERSON,
    'Choose an account of the tenant, or be invited as a guest.',
  ),
  entry(
    '28000',
    'The request asks for scopes of several APIs at once.',
    CODE,
    'Ask for the scopes of one API in each request. A refresh token gets the tokens for the others.',
  ),
  entry(
    '28002',
    'The scope in the request to the token endpoint is not valid.',
    CODE,
    'Send the scopes of the authorization request, in full: api://<API>/<scope>.',
  ),
  entry(
    '28003',
    'The scope is empty where the code is redeemed.',
    CODE,
    'Send scope in the request to the token endpoint as well.',
  ),
  entry(
    '50001',
    'The resource is disabled, or does not exist.',
    CODE,
    "Use the API's application ID URI exactly as it is registered, with no slash at the end.",
  ),
  entry(
    '50011',
    'The redirect URI of the request is not registered.',
    CLIENT,
    'Add it, character for character: Authentication → the right platform. For http://localhost the port does not count, and the path does.',
  ),
  entry(
    '500112',
    'The redirect URI where the code is redeemed is another one than in the authorization request.',
    CODE,
    'Send the same redirect_uri in both requests, character for character.',
  ),
  entry(
    '50012',
    'The client assertion is not accepted.',
    CLIENT,
    'Compare its key with the certificates of the registration, its audience with the token endpoint, and its times with the clock.',
  ),
  entry(
    '50013',
    'The token to exchange is not accepted as assertion.',
    CODE,
    'Exchange an access token whose audience is this API (aud), of the same tenant, and no ID token.',
  ),
  entry(
    '50020',
    'The account is of another tenant or identity provider, and not in this one.',
    TENANT,
    'Invite the person as a guest, or accept the other tenant in the registration and in the API.',
  ),
  entry(
    '50034',
    'The account does not exist in the tenant.',
    PERSON,
    'Sign in with an account of this tenant, or use the authority of the right one.',
  ),
  entry(
    '50057',
    'The account of the user is disabled.',
    TENANT,
    'Enable the account, if the person is still to have access.',
  ),
  entry(
    '50058',
    'The person is not signed in, or not recently enough, and the request forbids to ask (prompt=none).',
    CODE,
    'Sign in interactively after login_required. Browsers that block third-party cookies answer so to hidden frames.',
  ),
  entry('50072', 'The person has to register for multi-factor authentication.', PERSON, STEP_UP),
  entry('50074', 'Multi-factor authentication is needed.', PERSON, STEP_UP),
  entry('50076', 'Conditional Access asks for multi-factor authentication.', PERSON, STEP_UP),
  entry(
    '50078',
    'Multi-factor authentication has expired by a policy of the administrator.',
    PERSON,
    SIGN_IN_AGAIN,
  ),
  entry('50079', 'The person has to register for multi-factor authentication.', PERSON, STEP_UP),
  entry(
    '50105',
    'The person is not assigned to the application, and assignment is required.',
    TENANT,
    'Enterprise applications → the application → Users and groups: assign the person or a group. Or turn off "Assignment required".',
  ),
  entry(
    '501051',
    'The application is not assigned a role of the API, and assignment is required.',
    CLIENT,
    "Add the API's app role under API permissions, and grant admin consent.",
  ),
  entry(
    '50146',
    'The API has mapped claims, and no custom signing key.',
    API,
    'Set acceptMappedClaims only with an audience of the tenant, or give the service principal a custom signing key.',
  ),
  entry(
    '501461',
    'acceptMappedClaims is on, and the audience is neither the client ID nor a verified domain.',
    API,
    'Use the application (client) ID as audience, or an application ID URI of a verified domain.',
  ),
  entry(
    '50147',
    'The request has a code_challenge_method and no code_challenge, or a code_challenge of a wrong size.',
    CODE,
    'Send both, as an OAuth library does: code_challenge has 43 to 128 characters.',
  ),
  entry(
    '50148',
    'The code verifier does not fit the code challenge (PKCE).',
    CODE,
    'Keep the verifier of the authorization request until its code is redeemed. In several tabs or processes, one for each.',
  ),
  entry(
    '501481',
    'The code verifier does not fit the code challenge (PKCE).',
    CODE,
    'Keep the verifier of the authorization request until its code is redeemed. In several tabs or processes, one for each.',
  ),
  entry('50149', 'The code_challenge_method is not known.', CODE, 'Send S256, in capital letters.'),
  entry(
    '501491',
    'The code_challenge has a wrong size.',
    CODE,
    'Send the SHA-256 of the verifier in base64url: 43 characters, without padding.',
  ),
  entry('50158', 'An external provider has to confirm the sign-in.', PERSON, STEP_UP),
  entry(
    '50173',
    'The sign-in was revoked: the password was changed, or an administrator has ended it.',
    PERSON,
    SIGN_IN_AGAIN,
  ),
  entry(
    '50194',
    'An application of one tenant was asked for at /common.',
    CODE,
    'Use the authority of its tenant, or make the registration multi-tenant.',
  ),
  entry(
    '51004',
    'The account is not in the tenant.',
    TENANT,
    'Invite the person, or use the authority of the right tenant.',
  ),
  entry(
    '53000',
    'Conditional Access asks for a compliant device.',
    PERSON,
    'Use a device that is managed and compliant.',
  ),
  entry('53001', 'Conditional Access asks for a device of the domain.', PERSON, 'Use such a device.'),
  entry(
    '53002',
    'Conditional Access asks for an approved application.',
    PERSON,
    'Use an approved client application.',
  ),
  entry(
    '53003',
    'Conditional Access blocks the access.',
    TENANT,
    'An administrator finds the policy under Sign-in logs → Conditional Access, by the correlation ID.',
  ),
  entry(
    '53004',
    'The person has to prove more before registering for multi-factor authentication.',
    PERSON,
    'Sign in from a trusted place, or have an administrator issue a temporary access pass.',
  ),
  entry(
    '530032',
    'A security policy of the tenant blocks the access.',
    TENANT,
    'An administrator finds the policy in the sign-in logs, by the correlation ID.',
  ),
  entry(
    '530035',
    'Security defaults block the access.',
    TENANT,
    'Register for multi-factor authentication, or have an administrator replace security defaults by policies.',
  ),
  entry(
    '54005',
    'The authorization code was redeemed before.',
    CODE,
    'Redeem each code once. A page that is loaded twice must not redeem it again.',
  ),
  entry(
    '65001',
    'Neither the person nor an administrator has consented to the client.',
    CLIENT,
    'Have the client ask interactively; or grant admin consent under API permissions; or pre-authorize the client: Expose an API of the API.',
  ),
  entry(
    '65004',
    'The person has declined to consent.',
    PERSON,
    'Sign in again and accept, or have an administrator consent.',
  ),
  entry(
    '65005',
    "The client's registration does not list the API, or the scope does not exist.",
    CLIENT,
    'Add the scope under API permissions, and compare its spelling with Expose an API.',
  ),
  entry(
    '650052',
    'The tenant has no service principal of the API.',
    TENANT,
    "An administrator consents to the API in that tenant, or creates it: az ad sp create --id <API's client ID>.",
  ),
  entry(
    '650053',
    'The scope does not exist on the resource. With 00000003-0000-0000-c000-000000000000 in the text, Entra took a short scope for one of Microsoft Graph.',
    CODE,
    'Ask for the scope in full, api://<API>/<scope>, and compare its spelling with Expose an API.',
  ),
  entry(
    '650054',
    'The API was removed from the tenant.',
    TENANT,
    'Create its service principal again, or remove the permission from the client.',
  ),
  entry(
    '650056',
    'The client lists no permissions, or an administrator has not consented.',
    CLIENT,
    'Add the permission under API permissions, and grant admin consent.',
  ),
  entry(
    '650057',
    "The API is not among the client's permissions. The message lists those that are.",
    CLIENT,
    'Add a permission of this API under API permissions.',
  ),
  entry(
    '70000',
    'The grant is not valid: the code or refresh token is of another client, or the request is malformed.',
    CODE,
    'Redeem a code by the client, redirect URI and tenant that asked for it.',
  ),
  entry(
    '700005',
    'The authorization code was issued in another tenant.',
    CODE,
    'Redeem it at the token endpoint of the tenant that the person signed in to: the same authority in both requests.',
  ),
  entry(
    '70001',
    'The application is disabled, or not found in the tenant.',
    TENANT,
    'Enterprise applications → the application → Properties: enable sign-in.',
  ),
  entry(
    '70002',
    'The credentials of the client are not valid.',
    CLIENT,
    'Send the secret of this client, by its value and not by its ID.',
  ),
  entry(
    '70003',
    'The grant type is not supported.',
    CODE,
    'Use one that Entra has: authorization_code, refresh_token, client_credentials, the device code or on-behalf-of.',
  ),
  entry(
    '700051',
    'The registration does not allow access tokens from the authorization endpoint (response_type=token).',
    CODE,
    'Use the authorization code flow with PKCE: response_type=code. The implicit grant should stay off.',
  ),
  entry(
    '700054',
    'The registration does not allow ID tokens from the authorization endpoint (response_type=id_token).',
    CODE,
    'Use response_type=code. Where a server needs the ID token at once, turn on ID tokens: Authentication → Implicit grant and hybrid flows.',
  ),
  entry(
    '70007',
    "The response_mode can't be used with this response_type.",
    CODE,
    'Use query for a code. Tokens need fragment or form_post.',
  ),
  entry('70008', 'The code or refresh token has expired.', PERSON, SIGN_IN_AGAIN),
  entry(
    '70011',
    'The scope is not valid.',
    CODE,
    "Use the full name, api://<API>/<scope>; for app-only tokens <API's application ID URI>/.default.",
  ),
  entry(
    '70016',
    'The person has not signed in yet (device code).',
    CODE,
    'Ask again after the interval of the answer.',
  ),
  entry('70020', 'The device code has expired.', PERSON, 'Begin again, and sign in within 15 minutes.'),
  entry(
    '70021',
    "No federated credential of the client fits the assertion's issuer, subject or audience.",
    CLIENT,
    'Compare all three character for character: Certificates & secrets → Federated credentials.',
  ),
  entry('70043', 'Conditional Access asks for a new sign-in after this time.', PERSON, SIGN_IN_AGAIN),
  entry('700011', 'The client is not in the directory.', CODE, 'Compare the client ID and the tenant.'),
  entry(
    '700016',
    'There is no application with this client ID in the tenant.',
    CODE,
    'Compare the client ID and the tenant; a multi-tenant application needs consent in the tenant first.',
  ),
  entry(
    '700022',
    'Scopes of several APIs stand in one request.',
    CODE,
    'Ask for the scopes of one API at a time. Consent may be asked for several.',
  ),
  entry(
    '700023',
    'A scope names no API.',
    CODE,
    'Put the application ID URI in front of it: api://<API>/<scope>.',
  ),
  entry(
    '700024',
    'The client assertion is outside of its times.',
    CODE,
    'Make a new one for each request, and compare the clock.',
  ),
  entry(
    '700025',
    'A public client has sent a secret or an assertion.',
    CLIENT,
    'Send none, or register the redirect URI under Web.',
  ),
  entry(
    '700027',
    'The signature of the client assertion is not valid.',
    CLIENT,
    'Upload the certificate that signs, or sign with the one that is there.',
  ),
  entry(
    '700030',
    "The certificate of the assertion is not valid for the registration's subject name and issuer.",
    CLIENT,
    'Compare the trusted subject name, and send the chain in x5c.',
  ),
  entry('700082', 'The refresh token has expired, because it was not used for long.', PERSON, SIGN_IN_AGAIN),
  entry(
    '700084',
    'The refresh token of a single-page application has expired, 24 hours after the sign-in.',
    PERSON,
    SIGN_IN_AGAIN,
  ),
  entry(
    '700211',
    "No federated credential of the client fits the assertion's issuer.",
    CLIENT,
    'Write the issuer exactly as the token has it, a slash at the end included.',
  ),
  entry(
    '700212',
    "No federated credential of the client fits the assertion's audience.",
    CLIENT,
    'Write the audience as the token has it, api://AzureADTokenExchange by default.',
  ),
  entry(
    '700213',
    "No federated credential of the client fits the assertion's subject.",
    CLIENT,
    'Write the subject exactly as the token has it, upper and lower case included.',
  ),
  entry(
    '700229',
    'The assertion of a federated credential is the token of a user.',
    CODE,
    'Use the app-only token of the workload.',
  ),
  entry(
    '7000114',
    'An app-only token was sent to be exchanged on behalf of a user.',
    CODE,
    'Call the other API as the application: asApp() and client credentials.',
  ),
  entry(
    '7000215',
    'The client secret is wrong.',
    CLIENT,
    'Send its value, which is shown once, and not its ID. If it is lost, add a new one.',
  ),
  entry(
    '7000218',
    'The client has to prove who it is, and sent neither secret nor assertion.',
    CLIENT,
    'Move the redirect URI to "Mobile and desktop applications" for a public client, or give it a credential.',
  ),
  entry(
    '7000222',
    'The client secret has expired.',
    CLIENT,
    'Add a new one, or better a federated credential. entra-guard registration tells of the next one beforehand.',
  ),
  entry('90002', 'The tenant is not found.', CODE, 'Compare the tenant ID and the cloud of the authority.'),
  entry('9000411', 'A parameter stands in the request twice.', CODE, 'Send each parameter once.'),
  entry(
    '90009',
    'An application asks for a token for itself, by its application ID URI.',
    CODE,
    'Use its client ID: <client ID>/.default.',
  ),
  entry('90014', 'A parameter is missing in the request.', CODE, 'Send the one that the message names.'),
  entry('90023', 'The request is not valid. The message says which part.', CODE, 'Correct that part.'),
  entry(
    '9002325',
    'The client has no credential, and its sign-in has no PKCE with S256.',
    CODE,
    'Send code_challenge with code_challenge_method=S256. Current OAuth libraries do so by themselves.',
  ),
  entry(
    '90027',
    'The client can not be used at this endpoint.',
    CODE,
    'Use the version 2 endpoint of the tenant, and an audience that the registration allows.',
  ),
  entry(
    '90033',
    'Entra has failed for a moment.',
    CODE,
    'Ask again after some seconds, later each time. If it stays: the health of Microsoft Entra at status.azure.com.',
  ),
  entry(
    '90038',
    'The tenant is of another cloud.',
    CODE,
    'Use the authority of that cloud, such as login.microsoftonline.us.',
  ),
  entry(
    '90072',
    'The account is of another tenant and not a guest here.',
    TENANT,
    'Invite the person, or use the authority of their tenant.',
  ),
  entry(
    '90094',
    'An administrator has to consent.',
    TENANT,
    'Grant admin consent for the client. If it comes back although that was done, the client asks with prompt=consent: do not send that.',
  ),
  entry(
    '90095',
    'An administrator has to consent, and was asked.',
    TENANT,
    'Wait for the administrator, or grant admin consent for the client.',
  ),
  entry('90102', 'The redirect URI is not a valid address.', CODE, 'Send an absolute URL, encoded.'),
  entry(
    '90124',
    'The resource is not there at /common or /consumers.',
    CODE,
    'Use the authority of the tenant.',
  ),
  entry(
    '90130',
    'The application is not supported at /common or /consumers.',
    CODE,
    'Use the authority of the tenant, or allow personal accounts in the registration.',
  ),
  entry(
    '900144',
    'The request lacks a parameter, mostly scope.',
    CODE,
    'Send it. MCP clients take scopes from scope="…" of the 401 and from scopes_supported.',
  ),
  entry(
    '900382',
    'A confidential client of another cloud is not supported.',
    CODE,
    'Use the authority of the cloud that the client is registered in.',
  ),
  entry(
    '900432',
    'A confidential client is not supported across clouds.',
    CODE,
    'Use the authority of the cloud that the client is registered in.',
  ),
  entry('901002', 'The parameter resource is not supported.', CODE, 'Send scope in place of it.'),
  entry(
    '1000104',
    'Access between clouds is not allowed for this application.',
    TENANT,
    'Use an account of this cloud.',
  ),
  entry(
    '1002012',
    'The scope for client credentials does not end in /.default.',
    CODE,
    "Ask for <API's application ID URI>/.default: all granted roles come back.",
  ),
  entry('240002', 'An ID token was sent to be exchanged.', CODE, 'Exchange the access token.'),
  entry(
    '500011',
    'There is no API with this application ID URI in the tenant.',
    API,
    'Compare the URI with Expose an API. In another tenant an administrator has to consent to the API first.',
  ),
  entry(
    '500133',
    'The token to exchange has expired.',
    CODE,
    'Exchange tokens while they are valid; the client gets a new one, and calls again.',
  ),
  entry(
    '500207',
    'This kind of account is not valid for the tenant.',
    PERSON,
    'Use a work or school account of the tenant.',
  ),
  entry(
    '500208',
    'The domain of the account is not valid for the tenant.',
    PERSON,
    'Use an account of the tenant.',
  ),
  entry(
    '500212',
    'The other tenant does not let its people in here (outbound cross-tenant access).',
    TENANT,
    'An administrator of their tenant changes its cross-tenant access settings.',
  ),
  entry(
    '500213',
    'This tenant does not let people of the other one in (inbound cross-tenant access).',
    TENANT,
    'An administrator of this tenant changes its cross-tenant access settings.',
  ),
  entry(
    '9001023',
    'The grant is not supported at /common or /consumers.',
    CODE,
    'Use the authority of the tenant.',
  ),
  entry(
    '9002313',
    'The request is malformed.',
    CODE,
    'Compare it with the documentation of the grant; mostly a refresh token or a code is cut off.',
  ),
  entry(
    '9002326',
    'A code of a single-page application is redeemed by a server, or the other way round.',
    CLIENT,
    'Register the redirect URI under the platform that redeems the code: SPA for browsers, Web for servers.',
  ),
  entry(
    '9002332',
    'An application for work accounts was asked for at /consumers.',
    CODE,
    'Use the authority of the tenant, or allow personal accounts.',
  ),
  entry(
    '9010010',
    'The resource of the request is not the one of its scopes.',
    API,
    'Register the URL of the MCP server as application ID URI, without a slash at the end, and put it in front of each scope.',
  ),
]);

const BY_CODE: ReadonlyMap<string, AadstsAdvice> = new Map(AADSTS.map((one) => [one.code, one]));

/** @param code with or without "AADSTS" */
export function aadstsAdvice(code: string): AadstsAdvice | undefined {
  return BY_CODE.get(code.replace(/^AADSTS/i, ''));
}
