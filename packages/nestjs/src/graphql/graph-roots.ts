import type { ModulesContainer } from '@nestjs/core';
import { handlersOf } from '../handlers/handler-inventory.js';
import { BY_REFERENCE, type Entry } from '../handlers/handler-metadata.js';

/** What is read of a schema. Not `graphql`'s own types: an application without GraphQL has no such package. */
interface Schema {
  getType(name: string): NamedType | undefined | null;
  getPossibleTypes(abstract: NamedType): readonly NamedType[];
  getQueryType(): NamedType | undefined | null;
  getMutationType(): NamedType | undefined | null;
  getSubscriptionType(): NamedType | undefined | null;
}
interface NamedType {
  readonly name: string;
  getFields?(): Readonly<Record<string, { readonly type: OutputType }>>;
  getTypes?(): readonly NamedType[];
  getInterfaces?(): readonly NamedType[];
}
type OutputType = Partial<NamedType> & { readonly ofType?: OutputType };

/** Nest's own names of what it provides for each GraphQL module. */
const SCHEMA_HOST = 'GraphQLSchemaHost';
const DRIVER = 'AbstractGraphQLDriver';

/**
 * Tells which nested handlers of GraphQL a caller may begin with, so that no guard of a parent stands in front of them:
 * reference resolvers, fields of what `_entities` makes of a representation (which the caller makes up), and fields of root
 * types that are not called Query, Mutation or Subscription.
 *
 * Before the application is initialised there is no schema to look at. All fields of a federated graph may be roots then.
 */
export function graphRoots(modules: ModulesContainer): (entry: Entry) => boolean {
  const provided = [...modules.values()].flatMap(({ providers }) => [...providers.values()]);
  const hosts = provided
    .filter(({ token }) => named(token, SCHEMA_HOST))
    .map(({ instance }) => schemaOf(instance));
  const schemas = hosts.filter((schema) => schema !== undefined);
  const entities = new Set(schemas.flatMap(typesOfEntities));
  const roots = new Set(schemas.flatMap(typesOfRoots));
  const federated = (): boolean =>
    provided.some(
      ({ token, instance, metatype }) => named(token, DRIVER) && isFederated(instance, metatype),
    ) || handlersOf(modules).some(({ by }) => by === BY_REFERENCE);
  // A bundler may have taken the names away by which all of this is found.
  const unknown = (hosts.length === 0 || schemas.length < hosts.length) && federated();
  return ({ type, nested, by, ofType }) => {
    if (type !== 'graphql' || !nested) return false;
    if (by === BY_REFERENCE || unknown) return true;
    return ofType === undefined ? entities.size > 0 : entities.has(ofType) || roots.has(ofType);
  };
}

/** Root types whose fields Nest takes for nested ones. */
function typesOfRoots(schema: Schema): readonly string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) => (root ? withInterfaces(root) : []));
}

/** Entities, and the types that a representation may hold: the caller sends their properties in place of a parent. */
function typesOfEntities(schema: Schema): readonly string[] {
  const reached = new Set<NamedType>();
  const open = [...(schema.getType('_Entity')?.getTypes?.() ?? [])];
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    if (reached.has(type)) continue;
    reached.add(type);
    const fields = Object.values(type.getFields?.() ?? {}).map((field) => namedType(field.type));
    open.push(...fields, ...concrete(schema, type));
  }
  return [...reached].flatMap(withInterfaces);
}

function concrete(schema: Schema, type: NamedType): readonly NamedType[] {
  if (type.getTypes !== undefined) return type.getTypes();
  // Of an interface; an object type has none.
  return Object.hasOwn(type, 'resolveType') ? schema.getPossibleTypes(type) : [];
}

function withInterfaces(type: NamedType): readonly string[] {
  return [type.name, ...(type.getInterfaces?.() ?? []).map(({ name }) => name)];
}

function namedType(type: OutputType): NamedType {
  let inner = type;
  while (inner.ofType !== undefined) inner = inner.ofType;
  return inner as NamedType;
}

/** The schema that a GraphQL module serves; `undefined` as long as there is none. */
function schemaOf(host: unknown): Schema | undefined {
  try {
    return (host as { readonly schema: Schema }).schema;
  } catch {
    return undefined;
  }
}

function isFederated(driver: unknown, metatype: unknown): boolean {
  const made: unknown = (driver as { readonly constructor?: unknown } | null | undefined)?.constructor;
  for (let type = made ?? metatype; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    if (type.name.includes('Federation')) return true;
  }
  return false;
}

function named(token: unknown, name: string): boolean {
  return typeof token === 'function' && token.name === name;
}
