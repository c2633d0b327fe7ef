import { appShape, sessionsShape } from './app-shape.js';
import { entraShape } from './entra-shape.js';
import {
  bool,
  choice,
  described,
  type JsonSchema,
  listOf,
  members,
  placed,
  type ReadBy,
  record,
  text,
} from './shape.js';
import { callerShape, testShape } from './table-shape.js';
import { origin, words } from './text-shapes.js';

const NAMES = { pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' };

/** A policy file. */
export const policyShape = members(
  {
    $schema: described('For editors.', words('a URL')),
    version: described('Of the format.', choice(1)),
    entra: described(
      'Whose tokens are accepted: options of a validator, or a list of them.',
      placed(entraShape),
    ),
    catalogue: described(
      'File with a definition of permissions, relative to this one.',
      placed(text('a file: ./permissions.yaml', '\\S')),
    ),
    explain: described('Whether refusals tell callers what to change. Default: false.', bool()),
    auditClaims: described('Claims that audit events show.', listOf(words('a claim'), 'a list of claims')),
    publicOrigin: described('The origin that clients see, where TLS ends in front.', origin),
    assertion: described(
      'The assertion for upstreams.',
      members({ issuer: described("Default: the service's origin.", words('a URL')) }),
    ),
    sessions: described('Sessions of browsers.', sessionsShape),
    callers: described('Callers of tests, by name.', record(placed(callerShape), 'callers by name', NAMES)),
    apps: described(
      'Applications by name.',
      record(placed(appShape), 'applications by name', { ...NAMES, atLeast: 1 }),
    ),
    tests: described('What is to be allowed, and what refused.', listOf(testShape, 'a list of tests')),
  },
  { required: ['version', 'entra', 'apps'] },
);

/** What the shape reads. */
export type ReadPolicy = ReadBy<typeof policyShape>;

/** The schema of policy files, for editors: JSON Schema, draft 7. `entra-guard policy schema` prints it. */
export const policySchema: JsonSchema = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A policy of entra-guard',
  ...policyShape.schema,
});
