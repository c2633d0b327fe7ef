import { graphApplicationPermissions } from '../directory/graph-permissions.js';
import type { RegistrationManifest } from '../directory/manifest.js';
import type { AppRegistration, FederatedCredential, OptionalClaimName } from '../directory/registration.js';
import {
  bool,
  choice,
  described,
  either,
  integer,
  listOf,
  members,
  orNull,
  record,
  type Shape,
  text,
} from './shape.js';
import { guid, pem, time } from './text-shapes.js';

const optionalClaims: Readonly<Record<OptionalClaimName, true>> = {
  acct: true,
  acrs: true,
  aud: true,
  auth_time: true,
  email: true,
  family_name: true,
  given_name: true,
  idtyp: true,
  ipaddr: true,
  sid: true,
  upn: true,
  xms_act_fct: true,
  xms_cc: true,
  xms_par_app_azp: true,
  xms_sub_fct: true,
};
const optionalClaim = choice(...Object.keys(optionalClaims));

const texts = listOf(text('a text'), 'a list of texts');
const uri = text('a URI');

/** Members of `az ad app show` that are read. There are many others. */
const openObject = (shapes: Readonly<Record<string, Shape>>) => members(shapes, { open: true });
const permission = { value: orNull(text('a value', /(?:)/)), isEnabled: bool() };
const anyText = orNull(text('a text', /(?:)/));
const scopeTexts = {
  id: text('a GUID'),
  type: anyText,
  adminConsentDisplayName: anyText,
  adminConsentDescription: anyText,
  userConsentDisplayName: anyText,
  userConsentDescription: anyText,
};
const manifest: Readonly<Record<keyof RegistrationManifest, Shape>> = {
  appId: orNull(guid),
  displayName: orNull(text('a name')),
  publisherDomain: orNull(text('a domain')),
  web: orNull(
    openObject({
      logoutUrl: orNull(text('a URL')),
      implicitGrantSettings: orNull(openObject({ enableIdTokenIssuance: orNull(bool()) })),
    }),
  ),
  identifierUris: orNull(texts),
  api: orNull(
    openObject({
      requestedAccessTokenVersion: orNull(choice(1, 2)),
      oauth2PermissionScopes: orNull(
        listOf(openObject({ ...permission, ...scopeTexts }), 'a list of scopes'),
      ),
      preAuthorizedApplications: orNull(
        listOf(
          members(
            { appId: guid, delegatedPermissionIds: orNull(texts), permissionIds: orNull(texts) },
            { open: true, required: ['appId'] },
          ),
          'a list of clients',
        ),
      ),
    }),
  ),
  appRoles: orNull(
    listOf(
      members({ ...permission, allowedMemberTypes: texts }, { open: true, required: ['allowedMemberTypes'] }),
      'a list of app roles',
    ),
  ),
  groupMembershipClaims: orNull(text('kinds of groups: "SecurityGroup"', /(?:)/)),
  optionalClaims: orNull(
    openObject({
      accessToken: orNull(
        listOf(
          members(
            { name: text('the name of a claim'), additionalProperties: orNull(texts) },
            { open: true, required: ['name'] },
          ),
          'a list of claims',
        ),
      ),
    }),
  ),
};

const federatedCredential: Readonly<Record<keyof FederatedCredential, Shape>> = {
  name: described(
    'What Microsoft Graph calls it. Default: credential-1, by its place.',
    text('a name: "github"'),
  ),
  issuer: described('iss of the assertion.', text('the iss of the assertion')),
  subject: described('sub of the assertion.', text('the sub of the assertion')),
  audience: described(
    'aud of the assertion. Default: api://AzureADTokenExchange.',
    text('the aud of the assertion'),
  ),
  jwks: described(
    "The issuer's keys. Default: fetched from the issuer, if it is on this machine.",
    members({ keys: listOf(openObject({}), 'the keys') }, { open: true, required: ['keys'] }),
  ),
};

/** A member of a registration without a shape does not compile. */
const registration: Readonly<Record<keyof AppRegistration, Shape>> = {
  manifest: described(
    'The registration as az ad app show prints it. Members next to it win.',
    openObject(manifest),
  ),
  clientId: described('Application (client) ID. Default: derived from the name.', guid),
  applicationIdUri: described('Application ID URI. Default: api://{clientId}.', uri),
  scopes: described('Delegated permissions by their short names. Any other scope is refused.', texts),
  appRoles: described(
    'App roles by value, each with its member types. Any other role is refused.',
    record(
      listOf(choice('User', 'Application'), 'member types: ["User"]'),
      'member types by role: { "Orders.Admin": ["User"] }',
    ),
  ),
  tokenVersion: described("Version of this API's access tokens. Default 2.", choice(1, 2)),
  optionalClaims: described(
    'Optional claims of access tokens. Default none.',
    listOf(
      either(
        optionalClaim,
        members({ name: optionalClaim, additionalProperties: texts }, { required: ['name'] }),
        'the name of an optional claim, or an object with name',
      ),
      'a list of claims: ["idtyp"]',
    ),
  ),
  groupMembershipClaims: described(
    'Which groups access tokens carry. Default None.',
    choice('SecurityGroup', 'All', 'None'),
  ),
  graph: described(
    'Application permissions of Microsoft Graph that the app has.',
    listOf(choice(...graphApplicationPermissions), 'a list of permissions: ["User.Read.All"]'),
  ),
  assignments: described(
    'App roles by the name of the user, app, managed identity or agent that has them.',
    record(texts, 'roles by name: { "ada": ["Orders.Admin"] }'),
  ),
  displayName: described(
    'What pages call the app. Default: its name.',
    text('a name: "Contoso Orders"', /\S/),
  ),
  publisher: described('Who publishes the app. Default: unverified.', text('a name: "Contoso"', /\S/)),
  frontChannelLogoutUrl: described(
    'Where sign-out tells the app that a session ended. Default: nowhere.',
    text('an http or https URL: "http://localhost:3000/signed-out"', /^https?:/),
  ),
  enableIdTokenIssuance: described(
    'Whether response_type may ask for id_token. Default: what the manifest says, else true.',
    bool(),
  ),
  platform: described('The kind of client. Default web.', choice('web', 'spa', 'public')),
  assignmentRequired: described(
    'Whether only users and apps in assignments get tokens for this API. Default false.',
    bool(),
  ),
  accessTokenLifetime: described(
    'How long access tokens for this API last, in seconds. Default 3600.',
    integer(600, 86_400, 'seconds, from 600 to 86400'),
  ),
  secret: described('Client secret. Default: any secret is accepted.', text('a secret')),
  secrets: described(
    'Further client secrets, each with the time at which it expires.',
    listOf(
      members({ value: text('a secret'), expires: time }, { required: ['value'] }),
      'a list: [{ "value": "…", "expires": "2030-01-31T00:00:00Z" }]',
    ),
  ),
  certificate: described("The client's certificate.", pem),
  certificates: described('Further certificates.', listOf(pem, 'a list of certificates in PEM')),
  federatedCredentials: described(
    'Identities of other providers that the client may authenticate with.',
    listOf(members(federatedCredential, { required: ['issuer', 'subject'] }), 'a list of credentials'),
  ),
  owners: described(
    'Users who own the registration, by name. Default: none.',
    listOf(text('the name of a user: "ada"'), 'a list of names: ["ada"]'),
  ),
  clientMetadataUrl: described(
    "The https URL of the client's metadata, by which it identifies. It is not fetched. Default: none.",
    text('an https URL with a path: "https://editor.example/client.json"', /^https:\/\/[^/]+\/./),
  ),
  redirectUris: described(
    'Accepted redirect URIs. Default: any http or https address of this machine.',
    listOf(uri, 'a list of URIs'),
  ),
};

export const registrationShape: Shape = members(registration);
