import {
  type Anonymous,
  allOf,
  assertDecides,
  ConfigurationError,
  type Grant,
  ownOptions,
} from '@entra-guard/core';
import { printable } from '@entra-guard/core/mcp';
import { UriTemplate } from '../message/uri-template.js';
import { shown } from './shown.js';

/** What an MCP server offers, each under a name of its own: a resource's is its URI or template. */
export type EntryKind = 'tool' | 'prompt' | 'resource';

/** A tool, prompt or resource, and what it requires. */
export interface Entry {
  readonly kind: EntryKind;
  readonly name: string;
  readonly requirement: Grant | Anonymous;
}

/** What a call is about: mostly one entry. */
export interface Target {
  readonly requirement: Grant | Anonymous;
  /** Several where the URI of a resource fits several templates. */
  readonly entries: readonly Entry[];
}

/** All that the server offers. Maps: no name is found on `Object.prototype`. */
export class Entries {
  readonly all: readonly Entry[];
  readonly #byName: ReadonlyMap<string, Entry>;
  readonly #uris: ReadonlyMap<string, Entry>;
  readonly #templates: readonly { readonly template: UriTemplate; readonly entry: Entry }[];

  constructor(all: readonly Entry[]) {
    this.all = all;
    this.#byName = new Map(all.map((entry) => [`${entry.kind} ${entry.name}`, entry]));
    const resources = all.filter(({ kind }) => kind === 'resource');
    const isTemplate = ({ name }: Entry) => UriTemplate.isTemplate(name);
    this.#uris = new Map(
      resources
        .filter((entry) => !isTemplate(entry))
        .map((entry) => [canonicalUri(entry.name) ?? entry.name, entry]),
    );
    this.#templates = resources
      .filter(isTemplate)
      .map((entry) => ({ template: new UriTemplate(entry.name), entry }));
  }

  /** Whether something is open to callers without a token. */
  get someOpen(): boolean {
    return this.all.some(({ requirement }) => requirement.role === 'anonymous');
  }

  /** The entry of exactly this name; of a resource: of this URI or template. */
  named(kind: EntryKind, name: string): Entry | undefined {
    return this.#byName.get(`${kind} ${name}`);
  }

  /** The names of a kind, in the order in which they were given. */
  names(kind: EntryKind): readonly string[] {
    return this.all.filter((entry) => entry.kind === kind).map(({ name }) => name);
  }

  /** What a call is about. A resource is named by a URI; where it fits several templates, it requires what all of them do. */
  target(kind: EntryKind, name: string): Target | undefined {
    if (kind !== 'resource') return targetOf(this.named(kind, name));
    const uri = canonicalUri(name);
    if (uri === undefined) return undefined;
    const exact = this.#uris.get(uri);
    if (exact !== undefined) return targetOf(exact);
    const fitting = this.#templates.filter(({ template }) => template.fits(uri)).map(({ entry }) => entry);
    return fitting.length <= 1 ? targetOf(fitting[0]) : together(fitting);
  }
}

function targetOf(entry: Entry | undefined): Target | undefined {
  return entry && { requirement: entry.requirement, entries: [entry] };
}

/** What is open according to one template is not open where another asks for something. */
function together(entries: readonly Entry[]): Target {
  const grants = entries.map(({ requirement }) => requirement).filter(isGrant);
  const [first, ...others] = grants;
  const requirement =
    first === undefined
      ? (entries[0] as Entry).requirement
      : others.length === 0
        ? first
        : allOf(first, ...others);
  return { requirement, entries };
}

function isGrant(requirement: Grant | Anonymous): requirement is Grant {
  return requirement.role === 'grant';
}

/** Longer ones are not looked up: a URI comes from the caller, and templates are regular expressions. */
const LONGEST_URI = 4096;

/** A URI as the SDKs write it before they look it up; `undefined` for what is not one. */
function canonicalUri(uri: string): string | undefined {
  return uri.length <= LONGEST_URI && URL.canParse(uri) ? new URL(uri).href : undefined;
}

const PLACES = { tools: 'tool', prompts: 'prompt', resources: 'resource' } as const;

/** Reads `tools`, `prompts` and `resources`. @throws ConfigurationError */
export function readEntries(given: { readonly [Place in keyof typeof PLACES]?: unknown }): Entries {
  const all = (Object.keys(PLACES) as (keyof typeof PLACES)[]).flatMap((place) => {
    const map = Object.hasOwn(given, place) ? given[place] : undefined;
    if (map === undefined && place !== 'tools') return [];
    return readPlace(place, map);
  });
  return new Entries(Object.freeze(all));
}

function readPlace(place: keyof typeof PLACES, map: unknown): readonly Entry[] {
  const example = `Name each with its requirement: ${place}: { ${EXAMPLES[place]}: scopes('Orders.Read') }.`;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new ConfigurationError(`${place} is ${map === undefined ? 'missing' : shown(map)}.`, example);
  }
  return Object.entries(ownOptions(place, map as Readonly<Record<string, unknown>>)).map(
    ([name, requirement]): Entry => {
      const kind = PLACES[place];
      if (name === '' || name === '__proto__') {
        throw new ConfigurationError(`${place} has the name '${name}', which no ${kind} can have.`, example);
      }
      if (kind === 'resource' && !UriTemplate.isTemplate(name) && canonicalUri(name) === undefined) {
        throw new ConfigurationError(`resources has ${shown(name)}, which is not a URI.`, example);
      }
      assertDecides(`${place}['${printable(name)}']`, requirement);
      return Object.freeze({ kind, name, requirement });
    },
  );
}

const EXAMPLES = {
  tools: "'orders.list'",
  prompts: "'orders.summary'",
  resources: "'orders://{id}'",
} as const;
