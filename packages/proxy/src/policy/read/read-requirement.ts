import {
  type Anonymous,
  allOf,
  anyOf,
  ConfigurationError,
  type Grant,
  type Narrowing,
  type Permissions,
  parseRequirement,
  type Requirement,
  type RequirementNode,
  requirementFromJSON,
  tighten,
  whenAgent,
} from '@entra-guard/core';
import { type Located, type LocatedText, offsetIn, plainOf } from './located.js';
import { BAD, type Reading } from './reading.js';
import type { Read } from './shape.js';
import { shown } from './shown.js';

/** The permissions of a catalogue, whatever their names. */
export type AnyPermissions = Permissions<string, string, string, string>;

/** Kinds that a policy can't hold: they run code, keep state, or wait for a person. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['check', 'a requirement without check(...): its function is code, which a policy does not hold'],
  [
    'limit',
    'a requirement without limit(...): a policy does not count calls in this version. Limit calls in the server in front, or in the API',
  ],
  [
    'approval',
    'a requirement without approval(...): a policy does not ask people in this version. Ask in the API, or require authContext(...)',
  ],
]);

/** Reads a requirement: in its printed form, or its JSON. With a catalogue, its permissions have to be there. */
export function readRequirement(
  node: Located,
  permissions: AnyPermissions | undefined,
  reading: Reading,
): Read<Grant | Anonymous> {
  const refused = node.kind === 'text' ? refusedInText(node) : refusedInJson(node);
  if (refused !== undefined) {
    return reading.note(
      { member: node.member, at: refused.at },
      `${refused.kind}(...)`,
      REFUSED.get(refused.kind) as string,
    );
  }
  try {
    const read = node.kind === 'text' ? parseRequirement(node.value) : requirementFromJSON(plainOf(node));
    const bound = permissions === undefined ? read : bind(read, permissions);
    if (refusedKindIn(bound.node) !== undefined || bound.role === 'narrowing') {
      return reading.note(node, shown(String(bound)), 'a grant, which lets callers in: allOf(scopes(…), …)');
    }
    return bound as Grant | Anonymous;
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    return noted(node, error, reading);
  }
}

/** Finds a refused kind in text, outside of its quoted texts. */
function refusedInText(node: LocatedText): { readonly at: number; readonly kind: string } | undefined {
  const blank = node.value.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, (quoted) =>
    ' '.repeat(quoted.length),
  );
  const [, kind] = /(?<![A-Za-z0-9])(check|limit|approval)(?![A-Za-z0-9])/.exec(blank) ?? [];
  if (kind === undefined) return undefined;
  return { at: offsetIn(node, blank.search(new RegExp(`(?<![A-Za-z0-9])${kind}(?![A-Za-z0-9])`))), kind };
}

function refusedInJson(node: Located): { readonly at: number; readonly kind: string } | undefined {
  if (node.kind === 'list') return firstOf(node.items, refusedInJson);
  if (node.kind !== 'map') return undefined;
  for (const { name, value } of node.entries) {
    if (name !== 'kind' || value.kind !== 'text' || !REFUSED.has(value.value)) continue;
    return { at: value.at, kind: value.value };
  }
  return firstOf(node.entries, ({ value }) => refusedInJson(value));
}

/** Finds a refused kind anywhere in a tree, whatever the core has come to know. */
function refusedKindIn(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  if (!Array.isArray(node)) {
    const kind = Object.hasOwn(node, 'kind') ? (node as { readonly kind: unknown }).kind : undefined;
    if (typeof kind === 'string' && REFUSED.has(kind)) return kind;
  }
  return firstOf(Object.values(node), refusedKindIn);
}

function firstOf<T, R>(list: readonly T[], find: (one: T) => R | undefined): R | undefined {
  for (const one of list) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

const PLACE = /^The requirement's text, line (\d+), column (\d+): /;

/** Notes what the core refuses, at its place in the file. */
function noted(node: Located, { problem, hint }: ConfigurationError, reading: Reading): typeof BAD {
  const [prefix = '', line = '', column = ''] = PLACE.exec(problem) ?? [];
  const said = problem
    .slice(prefix.length)
    .replace(/^found /, '')
    .replace(/\.$/, '');
  const expected = hint.replace(/^Expected /, '').replace(/\.$/, '');
  if (node.kind !== 'text') return reading.note(node, said, expected);
  const lines = node.value.split('\n').slice(0, Math.max(0, Number(line) - 1));
  const before = lines.reduce((sum, one) => sum + one.length + 1, 0);
  const index = prefix === '' ? quotedAt(node.value, said) : before + Number(column) - 1;
  return reading.note({ member: node.member, at: offsetIn(node, index) }, said, expected);
}

/** Where a value that an error quotes stands in a requirement's text; 0 where it does not. */
function quotedAt(text: string, said: string): number {
  const [quoted] = /'[^']+'(?=[^']*$)/.exec(said) ?? [''];
  return Math.max(0, quoted === '' ? 0 : text.indexOf(quoted));
}

/**
 * Makes the same requirement from a catalogue, so that it carries why its permissions exist and who is responsible.
 *
 * @throws ConfigurationError for a permission that the catalogue does not have
 */
function bind(requirement: Requirement, permissions: AnyPermissions): Requirement {
  const bound = fromNode(requirement.node, permissions);
  return requirement.reasons.reduce((one: Requirement, reason) => one.because(reason), bound);
}

type Values = readonly [string, ...string[]];

function fromNode(node: RequirementNode, permissions: AnyPermissions): Requirement {
  switch (node.kind) {
    case 'anyOf':
    case 'allOf': {
      const parts = node.of.map((part) => fromNode(part, permissions));
      return node.kind === 'anyOf'
        ? anyOf(...(parts as unknown as [Grant]))
        : allOf(...(parts as unknown as [Grant | Narrowing]));
    }
    case 'tighten':
      return tighten(fromNode(node.now, permissions) as Grant, fromNode(node.next, permissions) as Grant, {
        until: Date.parse(node.until),
      });
    case 'whenAgent':
      return whenAgent(fromNode(node.narrowing, permissions) as Narrowing, { unknown: node.unknown });
    case 'scopes':
    case 'anyScope':
    case 'appPermissions':
    case 'anyAppPermission':
    case 'userRoles':
    case 'anyUserRole':
    case 'withoutUserRoles':
      return permissions[node.kind](...(node.values as Values));
    case 'inGroups':
    case 'inAnyGroup': {
      const names = node.values.map(
        (id) => permissions.catalogue.groups.find((group) => group.id === id)?.name,
      );
      // Groups belong to the tenant: one that the catalogue does not name is not an error.
      if (names.includes(undefined)) return requirementFromJSON({ requirement: node });
      return permissions[node.kind](...(names as unknown as Values));
    }
    default:
      return requirementFromJSON({ requirement: node });
  }
}
