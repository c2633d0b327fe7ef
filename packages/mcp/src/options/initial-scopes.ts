import { ConfigurationError } from '@entra-guard/core';
import type { Entries } from './entries.js';
import { shown } from './shown.js';

/**
 * Reads the scopes that clients ask for first.
 *
 * @returns their full names. Without any scope in the requirements: `{resource}/.default`, with which daemons ask
 * @throws ConfigurationError for one that no requirement names, or that its catalogue does not have
 */
export function readInitialScopes(given: unknown, entries: Entries, resource: string): readonly string[] {
  const named = scopesIn(entries);
  assertInCatalogues(entries, resource);
  return Object.freeze(chosen(given, named).map((scope) => `${resource}/${scope}`));
}

function chosen(given: unknown, named: readonly string[]): readonly string[] {
  if (given === undefined) {
    if (named.length === 0) return ['.default'];
    if (named.length === 1) return named;
    throw new ConfigurationError(
      `initialScopes is missing, and the requirements name ${named.length} scopes: ${named.join(', ')}. A client that asks for none would get AADSTS900144.`,
      `Say which ones clients ask for first, as few as possible: initialScopes: ['${named[0]}'].`,
    );
  }
  if (!Array.isArray(given) || given.length === 0) {
    throw new ConfigurationError(
      `initialScopes is ${Array.isArray(given) ? 'empty' : shown(given)}. A client that asks for none would get AADSTS900144.`,
      "List scopes by their short names: initialScopes: ['Orders.Read'].",
    );
  }
  const unknown = (given as readonly unknown[]).find((scope) => !named.includes(scope as string));
  if (unknown !== undefined || given.some((scope) => scope === undefined)) {
    throw new ConfigurationError(
      `initialScopes holds ${shown(unknown)}, which no tool, prompt or resource asks for. Entra answers a scope that does not exist with AADSTS650053.`,
      `Use short names of those that are asked for: ${named.length === 0 ? 'there are none' : named.join(', ')}.`,
    );
  }
  return [...new Set(given as readonly string[])];
}

function scopesIn({ all }: Entries): readonly string[] {
  const scopes = all.flatMap(({ requirement }) =>
    requirement.permissions.filter(({ use }) => use === 'scope').map(({ value }) => value),
  );
  return [...new Set(scopes)];
}

/** Where requirements have catalogues, every scope has to be in one of them, and they have to be this API's. */
function assertInCatalogues({ all }: Entries, resource: string): void {
  const catalogues = new Set(all.flatMap(({ requirement }) => requirement.catalogues));
  if (catalogues.size === 0) return;
  const other = [...catalogues].find(({ api }) => api !== resource);
  if (other !== undefined) {
    throw new ConfigurationError(
      `The requirements are of a catalogue for ${shown(other.api)}, and resource is '${resource}'. Clients would get AADSTS9010010.`,
      `Define the permissions for the MCP server: definePermissions({ api: '${resource}', … }).`,
    );
  }
  const known = new Set([...catalogues].flatMap(({ scopes }) => scopes.map(({ value }) => value)));
  for (const { kind, name, requirement } of all) {
    const unknown = requirement.permissions.find(({ use, value }) => use === 'scope' && !known.has(value));
    if (unknown === undefined) continue;
    throw new ConfigurationError(
      `The ${kind} '${name}' asks for the scope ${unknown.value}, which the catalogue does not have. Clients would get AADSTS650053.`,
      'Define it with definePermissions(...), or correct its name.',
    );
  }
}
