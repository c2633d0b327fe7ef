import type { AgentFact } from '../directory/agents.js';
import type { PolicyFact } from '../directory/b2c-policies.js';
import type { ManagedIdentityFact } from '../directory/managed-identities.js';
import type { UserFact } from '../directory/people.js';
import type { StartEntraOptions } from '../start-entra.js';
import { registrationShape } from './registration-shape.js';
import {
  bool,
  choice,
  described,
  either,
  integer,
  type JsonSchema,
  listOf,
  members,
  record,
  type Shape,
  text,
} from './shape.js';
import { guid } from './text-shapes.js';

/** Options that a file does not have: a function, and what only code should say. */
type InCodeOnly = 'now' | 'dangerouslyAllowProduction';

/** An option of `startEntra` without a shape does not compile. */
type Shapes<Members> = Readonly<Record<keyof Members, Shape>>;

const user: Shapes<UserFact> = {
  displayName: described('Default: made from the name.', text('a name: "Ada Lovelace"', /\S/)),
  admin: described('Whether the user may consent for everyone. Default false.', bool()),
};

const managedIdentity: Shapes<ManagedIdentityFact> = {
  clientId: described('Default: derived from the name.', guid),
  objectId: described('Object ID of the service principal. Default: derived from the name.', guid),
  resourceId: described(
    'Azure resource ID. Default: one that ends with the name.',
    text('a resource ID: "/subscriptions/…/userAssignedIdentities/vm"'),
  ),
};

const agent: Shapes<AgentFact> = {
  blueprint: described('Name of the app that is its blueprint.', text('the name of an app')),
};

const policyName = text('the name of a policy: "B2C_1_signin"', /^[A-Za-z0-9_-]+$/);

const policy: Shapes<PolicyFact> = {
  name: described('Such as B2C_1_signin.', policyName),
  claim: described('The claim that tokens name it in. Default tfp.', choice('tfp', 'acr')),
  issuer: described('What the issuer names. Default tenant.', choice('tenant', 'policy')),
};

const name = text('a name');

const options: Shapes<Omit<StartEntraOptions, InCodeOnly>> = {
  apps: described(
    'App registrations by name.',
    record(registrationShape, 'registrations by name: { "orders": {} }', ['graph', 'Microsoft Graph']),
  ),
  tenants: described(
    'Names of the tenants. The first is the default one. Default: contoso.',
    listOf(name, 'one name or more: ["contoso"]', 1),
  ),
  users: described(
    'Facts about users by name.',
    record(members(user), 'facts by name: { "ada": { "displayName": "Ada Lovelace" } }'),
  ),
  groups: described(
    "Members of security groups by the group's name: users, and other groups.",
    record(listOf(name, 'names of users and groups: ["ada"]'), 'members by name: { "staff": ["ada"] }'),
  ),
  managedIdentities: described(
    'User-assigned managed identities by name.',
    record(members(managedIdentity), 'identities by name: { "vm": {} }'),
  ),
  agents: described(
    'Agent identities by name, each with its blueprint.',
    record(
      members(agent, { required: ['blueprint'] }),
      'agents by name: { "helper": { "blueprint": "assistants" } }',
    ),
  ),
  policies: described(
    'User flows and custom policies of Azure AD B2C.',
    listOf(
      either(
        policyName,
        members(policy, { required: ['name'] }),
        'the name of a policy, or an object with it',
      ),
      'names of policies: ["B2C_1_signin"]',
    ),
  ),
  port: described(
    'Port of 127.0.0.1; 0 is any free port. Default 8484.',
    integer(0, 65_535, 'a port, from 0 to 65535'),
  ),
  pages: described('Show the pages of a sign-in. Default for the command: true.', bool()),
  userConsent: described('Whether users may consent for themselves. Default true.', bool()),
  advertisePkce: described(
    'Whether metadata has code_challenge_methods_supported, which that of Entra lacks. Default false.',
    bool(),
  ),
  state: described(
    'File that keeps the directory and the signing keys between runs. Default: nothing is kept.',
    text('the path of a file: "entra.state.json"'),
  ),
  tls: described(
    'Use TLS: true with a test certificate for localhost, or with your files. Default false.',
    either(
      bool(),
      members(
        { key: text('a private key, PEM'), cert: text('a certificate, PEM') },
        { required: ['key', 'cert'] },
      ),
      'true, false, or an object with key and cert',
    ),
  ),
};

/** The options of `startEntra` as JSON. */
export const configShape: Shape = members({
  $schema: described('Where editors find this schema.', text('the path of the schema')),
  ...options,
});

/** The JSON Schema of the configuration file. */
export const configSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Configuration of entra-guard local',
  ...configShape.schema,
};
