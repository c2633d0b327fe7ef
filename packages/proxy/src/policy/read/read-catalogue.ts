import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigurationError, definePermissions } from '@entra-guard/core';
import { plainOf } from './located.js';
import { parseYaml } from './parse-yaml.js';
import type { AnyPermissions } from './read-requirement.js';
import { Reading } from './reading.js';
import { replaceVariables, type Variables } from './variables.js';

/** A catalogue, and the text that it was read from. */
export interface ReadCatalogue {
  /** `undefined` where it was refused; why is in the reading. */
  readonly permissions: AnyPermissions | undefined;
  readonly reading: Reading;
}

/** Reads the file of a policy's catalogue: what `definePermissions` takes, as YAML or JSON. */
export function readCatalogue(path: string, text: string, env: Variables): ReadCatalogue {
  const reading = new Reading(path, text);
  const tree = parseYaml(reading);
  if (tree === undefined || reading.failed) return { permissions: undefined, reading };
  const node = replaceVariables(tree, env, reading);
  if (reading.failed) return { permissions: undefined, reading };
  if (node.kind !== 'map') {
    reading.note(node, `a ${node.kind}`, 'what definePermissions takes: { api, owner, scopes, appRoles }');
    return { permissions: undefined, reading };
  }
  try {
    const definition = plainOf(node) as Parameters<typeof definePermissions>[0];
    return { permissions: definePermissions(definition) as unknown as AnyPermissions, reading };
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    reading.note(node, error.problem.replace(/\.$/, ''), error.hint.replace(/\.$/, ''));
    return { permissions: undefined, reading };
  }
}

/** The path of a file that a policy names: relative to the policy's own. */
export function pathNextTo(file: string, named: string): string {
  return resolve(dirname(file), named);
}

/** Reads a file of this machine. */
export function readLocalFile(path: string): string {
  return readFileSync(path, 'utf8');
}
