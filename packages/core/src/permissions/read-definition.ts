import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { assertKnown, assertObject, flag } from '../options/option-readers.js';
import { resolveOwner } from '../options/owner.js';
import { appPermissions, scopes } from '../requirements/build.js';
import type {
  Catalogue,
  CatalogueAppRole,
  CatalogueGroup,
  CataloguePermission,
  CatalogueScope,
  CatalogueWarning,
  PreAuthorizedClient,
  RoleHolder,
} from '../requirements/catalogue.js';
import { permissionId } from './permission-id.js';

type Facts = Readonly<Record<string, unknown>>;

const OF_ANY = ['description', 'because', 'title', 'id', 'enabled'];
/** Most characters. These limits keep consent pages legible; Entra documents none. */
const LONGEST = { title: 120, description: 1000, because: 1000 };
/** Entra: all collections of an application together hold at most 1200 entries (app manifest reference). */
const MOST_PERMISSIONS = 1200;

/**
 * Reads a definition into a catalogue: validates it, fills in defaults and freezes it deeply.
 *
 * @throws ConfigurationError
 */
export function readDefinition(definition: unknown): Catalogue {
  assertObject('The catalogue', definition, "{ api, owner, scopes: { 'Orders.Read': { … } } }");
  assertKnown('part of a catalogue called', definition, [
    'api',
    'owner',
    'scopes',
    'appRoles',
    'preAuthorized',
    'groups',
  ]);
  const given = ownOptions('The catalogue', definition as Facts);
  const api = readApi(given.api);
  const owner = resolveOwner(given.owner);
  if (owner === undefined) {
    throw new ConfigurationError(
      'The catalogue names no owner.',
      "Say who answers for these permissions: owner: { team: 'Orders', onCall: 'orders-oncall@…' }.",
    );
  }
  const scopeList = entriesOf('scopes', given.scopes).map((entry) => readScope(api, entry));
  const appRoles = entriesOf('appRoles', given.appRoles).map((entry) => readAppRole(api, entry));
  assertCount(scopeList.length + appRoles.length);
  assertUnique([...scopeList, ...appRoles]);
  return Object.freeze({
    api,
    owner,
    scopes: Object.freeze(scopeList),
    appRoles: Object.freeze(appRoles),
    preAuthorized: readPreAuthorized(given.preAuthorized, scopeList),
    groups: readGroups(given.groups),
    warnings: Object.freeze(appRoles.filter((role) => role.for.length > 1).map(roleForBoth)),
  });
}

/**
 * Reads the application ID URI: at most 255 characters, no wildcard, no slash at the end (Entra: restrictions on
 * identifier URIs). Can't check that the URI holds a domain or an ID of the tenant, which Entra requires of some.
 */
function readApi(value: unknown): string {
  if (isGuid(value)) return `api://${value.toLowerCase()}`;
  const text = typeof value === 'string' ? value : '';
  if (/^(api|https?):\/\/[^\s*?#\p{Cc}]+$|^urn:[^\s*?#\p{Cc}]+$/u.test(text)) {
    if (!text.endsWith('/') && text.length <= 255) return text;
  }
  throw new ConfigurationError(
    `api is ${typeof value === 'string' ? `'${printable(value)}'` : printable(value)}, and not an application ID URI.`,
    "Copy it from the app registration, \"Expose an API\": 'api://…' or 'https://…', at most 255 characters, without a slash at the end. The application (client) ID is also accepted.",
  );
}

interface Entry {
  /** The entry's name in errors, such as `scopes['Orders.Read']`. */
  readonly place: string;
  readonly value: string;
  readonly facts: Facts;
}

function entriesOf(name: 'scopes' | 'appRoles', given: unknown = {}): readonly Entry[] {
  assertObject(name, given, "{ 'Orders.Read': { description: '…', because: '…' } }");
  const build = name === 'scopes' ? scopes : appPermissions;
  return Object.entries(given).map(([value, facts]: [string, unknown]) => {
    const place = `${name}['${printable(value)}']`;
    build(value);
    assertObject(place, facts, "{ description: '…', because: '…' }");
    return { place, value, facts: ownOptions(place, facts as Facts) };
  });
}

function readScope(api: string, entry: Entry): CatalogueScope {
  const { place, facts } = entry;
  assertKnown(`member of ${place} called`, facts, [...OF_ANY, 'consent']);
  const { consent } = facts;
  if (consent !== 'user' && consent !== 'admin') {
    throw new ConfigurationError(
      `${place}.consent is ${printable(consent)}.`,
      "Say who can consent: 'user' for users and administrators, 'admin' for administrators only.",
    );
  }
  return Object.freeze({ ...readPermission(api, entry), consent });
}

function readAppRole(api: string, entry: Entry): CatalogueAppRole {
  const { place, facts } = entry;
  assertKnown(`member of ${place} called`, facts, [...OF_ANY, 'for']);
  const holders: unknown = facts.for;
  const list = Array.isArray(holders) ? [...new Set<unknown>(holders)] : [];
  if (list.length === 0 || !list.every((one) => one === 'user' || one === 'application')) {
    throw new ConfigurationError(
      `${place}.for is ${Array.isArray(holders) ? `[${holders.map((one) => printable(one)).join(', ')}]` : printable(holders)}.`,
      "Say who can have it: ['user'] or ['application'].",
    );
  }
  // In a fixed order, so that equal roles are written equally.
  const inOrder = (['user', 'application'] as const).filter((one) => list.includes(one));
  return Object.freeze({ ...readPermission(api, entry), for: Object.freeze(inOrder as RoleHolder[]) });
}

function readPermission(api: string, { place, value, facts }: Entry): CataloguePermission {
  const { id } = facts;
  if (id !== undefined && !isGuid(id)) {
    throw new ConfigurationError(
      `${place}.id is ${printable(id)}, which is not a GUID.`,
      'Copy it from the registration (az ad app show), or leave it out to have one derived.',
    );
  }
  return {
    value,
    title: text(place, 'title', facts.title ?? value),
    description: text(place, 'description', facts.description),
    because: text(place, 'because', facts.because),
    id: id?.toLowerCase() ?? permissionId(api, value),
    enabled: facts.enabled === undefined || flag(`${place}.enabled`, facts.enabled),
  };
}

function text(place: string, name: keyof typeof LONGEST, value: unknown): string {
  const longest = LONGEST[name];
  const trimmed = typeof value === 'string' ? value.trim() : '';
  if (trimmed !== '' && trimmed.length <= longest && !/\p{Cc}/u.test(trimmed)) return trimmed;
  throw new ConfigurationError(
    `${place}.${name} is ${value === '' ? 'empty' : printable(value, 60)}.`,
    name === 'because'
      ? "Say in a few words why the API offers it: because: 'GDPR art. 15 export'."
      : `Write 1 to ${longest} characters in one line: users and administrators read them when they consent or assign.`,
  );
}

function assertCount(count: number): void {
  if (count === 0) {
    throw new ConfigurationError(
      'The catalogue has no permissions.',
      "Add one: scopes: { 'Orders.Read': { description: '…', consent: 'user', because: '…' } }.",
    );
  }
  if (count > MOST_PERMISSIONS) {
    throw new ConfigurationError(
      `The catalogue has ${count} permissions; an app registration takes at most ${MOST_PERMISSIONS} entries.`,
      'Split the API, or define fewer permissions and decide the rest with checks.',
    );
  }
}

/**
 * Refuses permissions with one value, ignoring case. Entra treats a scope and an app role with one value as duplicates,
 * unless all their texts and IDs are equal, and in tokens only the claim would distinguish them.
 */
function assertUnique(permissions: readonly CataloguePermission[]): void {
  const values = new Map<string, string>();
  const ids = new Map<string, string>();
  for (const { value, id } of permissions) {
    const same = values.get(value.toLowerCase());
    if (same !== undefined) {
      throw new ConfigurationError(
        `'${same}' and '${value}' are the same name: scopes and app roles of one registration share their names, in any case of letters.`,
        `Give one of them another name, such as '${value}.All' for an application permission.`,
      );
    }
    const twin = ids.get(id);
    if (twin !== undefined) {
      throw new ConfigurationError(
        `'${twin}' and '${value}' have the same id, ${id}.`,
        'Give each its own, as the registration has it, or leave id out.',
      );
    }
    values.set(value.toLowerCase(), value);
    ids.set(id, value);
  }
}

function readGroups(given: unknown = {}): readonly CatalogueGroup[] {
  assertObject('groups', given, "{ Managers: { id: '…', because: '…' } }");
  const groups = Object.entries(given).map(([name, facts]: [string, unknown]) => readGroup(name, facts));
  const twin = groups.find(({ id }, index) => groups.findIndex((other) => other.id === id) < index);
  if (twin === undefined) return Object.freeze(groups);
  throw new ConfigurationError(`groups names the group ${twin.id} twice.`, 'Give it one name only.');
}

function readGroup(name: string, given: unknown): CatalogueGroup {
  const place = `groups['${printable(name)}']`;
  assertObject(place, given, "{ id: '…', because: '…' }");
  assertKnown(`member of ${place} called`, given, ['id', 'because']);
  const { id, because } = ownOptions(place, given as Facts);
  if (isGuid(id))
    return Object.freeze({ name, id: id.toLowerCase(), because: text(place, 'because', because) });
  throw new ConfigurationError(
    `${place}.id is ${printable(id)}, which is not a GUID.`,
    "Use the group's object ID, from its overview page in Entra.",
  );
}

function readPreAuthorized(given: unknown, known: readonly CatalogueScope[]): readonly PreAuthorizedClient[] {
  if (given === undefined) return Object.freeze([]);
  if (!Array.isArray(given)) {
    throw new ConfigurationError(
      `preAuthorized is ${printable(given)}.`,
      "Pass a list: [{ clientId: '…', scopes: ['Orders.Read'], because: '…' }].",
    );
  }
  const clients = (given as readonly unknown[]).map((one, index) => readClient(one, index, known));
  const twice = clients.find(
    ({ clientId }, index) => clients.findIndex((other) => other.clientId === clientId) < index,
  );
  if (twice !== undefined) {
    throw new ConfigurationError(
      `preAuthorized names the client ${twice.clientId} twice.`,
      'Put its scopes in one entry.',
    );
  }
  return Object.freeze(clients);
}

function readClient(one: unknown, index: number, known: readonly CatalogueScope[]): PreAuthorizedClient {
  const place = `preAuthorized[${index}]`;
  assertObject(place, one, "{ clientId: '…', scopes: ['Orders.Read'], because: '…' }");
  assertKnown(`member of ${place} called`, one, ['clientId', 'scopes', 'because']);
  const { clientId, scopes: names, because } = ownOptions(place, one as Facts);
  if (!isGuid(clientId)) {
    throw new ConfigurationError(
      `${place}.clientId is ${printable(clientId)}, which is not a GUID.`,
      "Use the client's application (client) ID.",
    );
  }
  const list: readonly unknown[] = Array.isArray(names) ? names : [];
  const stranger = list.find((name) => !known.some(({ value }) => value === name));
  if (list.length === 0 || stranger !== undefined) {
    throw new ConfigurationError(
      `${place}.scopes ${list.length === 0 ? 'is empty' : `names '${printable(stranger)}'`}.`,
      `Name scopes of this catalogue: ${known.map(({ value }) => value).join(', ') || 'it has none'}.`,
    );
  }
  return Object.freeze({
    clientId: clientId.toLowerCase(),
    scopes: Object.freeze([...new Set(list as readonly string[])]),
    because: text(place, 'because', because),
  });
}

function roleForBoth({ value }: CatalogueAppRole): CatalogueWarning {
  return Object.freeze({
    code: 'role_for_both',
    permission: value,
    message: `The app role '${value}' is open to users and to apps, so one assignment page serves two meanings.`,
    fix: `Make two roles: '${value}' for: ['user'], and '${value}.All' for: ['application'].`,
  });
}
