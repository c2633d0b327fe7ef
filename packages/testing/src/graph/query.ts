import { type Resource, readFilter } from './filter.js';
import { badRequest, missing } from './graph-error.js';

/** The query options of a request, by name in lower case and without `$`. */
export type QueryOptions = ReadonlyMap<string, string>;

/** What a collection of resources may be asked. */
export interface Shape {
  /** `users`, as in `@odata.context`. */
  readonly name: string;
  /** All properties. */
  readonly properties: readonly string[];
  /** The properties of answers without `$select`. Default all. */
  readonly usual?: readonly string[];
}

/** Page size without `$top`, and the largest (Graph: list users). */
const usualPage = 100;
const largestPage = 999;

/** The options that are read. `$count` alone has no effect but `@odata.count`. */
const readOptions = new Set(['select', 'filter', 'top', 'skiptoken', 'count', 'deltatoken']);

/**
 * Reads the options of a query. OData allows both `$select` and `select`.
 * @throws {GraphError} 501 for an option that the local Graph does not read
 */
export function readOptionsOf(url: URL): QueryOptions {
  const options = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const bare = name.replace(/^\$/, '').toLowerCase();
    if (!readOptions.has(bare)) throw missing(`query option "${name}"`);
    if (options.has(bare))
      throw badRequest(`Query option '${name}' was specified more than once.`, 'BadRequest');
    options.set(bare, value);
  }
  return options;
}

/**
 * Reads `$select`.
 * @throws {GraphError} 501 for a property that the local Graph does not have
 */
export function selectedOf(options: QueryOptions, shape: Shape): readonly string[] | undefined {
  const text = options.get('select');
  if (text === undefined || text.trim() === '' || text.trim() === '*') return undefined;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !shape.properties.includes(name));
  if (unknown !== undefined) {
    throw missing(`property "${unknown}" of ${shape.name}. It has ${shape.properties.join(', ')}`);
  }
  return [...new Set(names)];
}

/** Returns the selected properties of a resource. Graph adds `id` to those of users and groups. */
export function picked(
  resource: Resource,
  selected: readonly string[] | undefined,
  { usual, properties }: Shape,
): Resource {
  const names = selected === undefined ? (usual ?? properties) : ['id', ...selected];
  return Object.fromEntries([...new Set(names)].map((name) => [name, resource[name] ?? null]));
}

/** A page of a collection. */
export interface Page<One> {
  readonly value: readonly One[];
  /** The position of the next page; `undefined` after the last. */
  readonly next: number | undefined;
}

/** Takes the page that `$top` and `$skiptoken` name. @throws {GraphError} 400 for invalid ones */
export function pageOf<One>(all: readonly One[], options: QueryOptions, usual = usualPage): Page<One> {
  const top = options.get('top');
  const size = top === undefined ? usual : Number(top);
  if (!Number.isInteger(size) || size < 1 || size > largestPage) {
    throw badRequest(
      `Invalid page size specified: '${top}'. Must be between 1 and ${largestPage} inclusive.`,
      'Request_BadRequest',
    );
  }
  const start = startOf(options.get('skiptoken'));
  const next = start + size;
  return { value: all.slice(start, next), next: next < all.length ? next : undefined };
}

/** Makes the address of the next page. */
export function nextLink(url: URL, next: number): string {
  const link = new URL(url);
  link.searchParams.delete('skiptoken');
  link.searchParams.set('$skiptoken', Buffer.from(`at ${next}`).toString('base64url'));
  return printed(link);
}

/** Returns a URL with `$` and `,` as Graph writes them. */
export function printed(url: URL): string {
  return url.href.replaceAll('%24', '$').replaceAll('%2C', ',');
}

function startOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const text = Buffer.from(token, 'base64url').toString();
  if (!/^at \d{1,9}$/.test(text)) throw badRequest('Badly formed skip token.', 'BadRequest');
  return Number(text.slice('at '.length));
}

/** Answers a collection: filtered, paged, and with the selected properties. */
export function collection(
  all: readonly Resource[],
  { url, base, options, shape }: { url: URL; base: string; options: QueryOptions; shape: Shape },
): Resource {
  const filter = options.get('filter');
  const test = filter === undefined ? undefined : readFilter(filter, new Set(shape.properties));
  const matching = test === undefined ? all : all.filter(test);
  const selected = selectedOf(options, shape);
  const { value, next } = pageOf(matching, options);
  return {
    '@odata.context': contextOf(base, shape, selected),
    ...(options.get('count') === 'true' ? { '@odata.count': matching.length } : {}),
    ...(next === undefined ? {} : { '@odata.nextLink': nextLink(url, next) }),
    value: value.map((one) => picked(one, selected, shape)),
  };
}

/** Answers one resource with the selected properties. */
export function single(
  resource: Resource,
  { base, options, shape }: { base: string; options: QueryOptions; shape: Shape },
): Resource {
  const selected = selectedOf(options, shape);
  const context = contextOf(base, shape, selected);
  return { '@odata.context': `${context}/$entity`, ...picked(resource, selected, shape) };
}

/** Makes `@odata.context`. */
export function contextOf(base: string, { name }: Shape, selected?: readonly string[]): string {
  return `${base}/$metadata#${name}${selected === undefined ? '' : `(${selected.join(',')})`}`;
}
