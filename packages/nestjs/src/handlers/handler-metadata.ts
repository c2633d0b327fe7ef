import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { prototypeOf } from './declarations.js';
import { mcpOfferOf } from './mcp-offers.js';

/** How one method is called from outside. */
export interface Entry {
  /** As `context.getType()` gives it. */
  readonly type: 'http' | 'graphql' | 'ws' | 'rpc';
  /** For people: `GET /orders`, `query orders`, `message 'orders'`. */
  readonly by: string;
  /** A field or reference resolver of GraphQL, which Nest runs guards for only where it is told to. */
  readonly nested: boolean;
  /** Of a nested one, the type that it belongs to. */
  readonly ofType?: string;
}

/**
 * Nest's own metadata keys. The majors share them; importing them would require packages that an application may not have,
 * and handlers have to be found even where their context is not registered.
 */
const KEYS = {
  path: 'path',
  method: 'method',
  gateway: 'websockets:is_gateway',
  gatewayMessage: 'websockets:message_mapping',
  messageName: 'message',
  rpcKind: 'microservices:handler_type',
  rpcPattern: 'microservices:pattern',
  resolverType: 'graphql:resolver_type',
  resolverName: 'graphql:resolver_name',
  resolverField: 'graphql:resolve_property',
  resolverReference: 'graphql:resolve_reference',
} as const;

const ROOT_TYPES: readonly unknown[] = ['Query', 'Mutation', 'Subscription'];
/** What libraries of federation look for on a type: it finds an entity by what the caller says of it. */
const REFERENCE_RESOLVER = '__resolveReference';
/** How a reference resolver is called, for people. */
export const BY_REFERENCE = 'reference resolver';
/** GraphQL's type resolver: it names a type and hands out nothing; Nest never runs guards for a method of this name. */
export const TYPE_RESOLVER = '__resolveType';
/** The value of Nest's `PatternHandler.EVENT`. */
const EVENT = 2;

/** Returns how a method of a controller or provider is called from outside; nothing for one that is not a handler. */
export function entriesOf(owner: Function, method: string, as: 'controller' | 'provider'): readonly Entry[] {
  const callback: unknown = (prototypeOf(owner) as Readonly<Record<string, unknown>>)[method];
  if (typeof callback !== 'function') return [];
  return as === 'controller'
    ? [...routes(owner, callback), ...patterns(callback)]
    : [...fields(owner, method, callback), ...messages(owner, callback)];
}

/** Whether a class is a gateway. */
export function isGateway(owner: Function): boolean {
  return Reflect.hasMetadata(KEYS.gateway, owner);
}

/** Whether a function takes events, which have no answer. */
export function isEvent(callback: Function): boolean {
  return Reflect.getMetadata(KEYS.rpcKind, callback) === EVENT;
}

function routes(owner: Function, callback: Function): readonly Entry[] {
  if (!Reflect.hasMetadata(KEYS.path, callback)) return [];
  const verb = RequestMethod[Reflect.getMetadata(KEYS.method, callback) as RequestMethod] ?? 'GET';
  const prefixes = pathsIn(Reflect.getMetadata(KEYS.path, owner));
  const paths = prefixes.flatMap((prefix) =>
    pathsIn(Reflect.getMetadata(KEYS.path, callback)).map((path) => `${verb} ${joined(prefix, path)}`),
  );
  return [{ type: 'http', by: paths.join(', '), nested: false }];
}

function patterns(callback: Function): readonly Entry[] {
  const kind: unknown = Reflect.getMetadata(KEYS.rpcKind, callback);
  if (kind === undefined) return [];
  const offer = mcpOfferOf(callback);
  if (offer !== undefined) return [{ type: 'rpc', by: `${offer.kind} '${offer.name}'`, nested: false }];
  const given: unknown = Reflect.getMetadata(KEYS.rpcPattern, callback);
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const names = list.map((pattern) =>
    typeof pattern === 'string' ? `'${pattern}'` : JSON.stringify(pattern),
  );
  return [{ type: 'rpc', by: `${kind === EVENT ? 'event' : 'pattern'} ${names.join(', ')}`, nested: false }];
}

function messages(owner: Function, callback: Function): readonly Entry[] {
  if (!isGateway(owner)) return [];
  if (Reflect.getMetadata(KEYS.gatewayMessage, callback) !== true) return [];
  const name: unknown = Reflect.getMetadata(KEYS.messageName, callback);
  return [
    {
      type: 'ws',
      by: `message ${typeof name === 'string' ? `'${name}'` : JSON.stringify(name)}`,
      nested: false,
    },
  ];
}

function fields(owner: Function, method: string, callback: Function): readonly Entry[] {
  // Schema first, `@Resolver('Query')` makes root fields of what `@ResolveField()` stands on.
  const ofClass: unknown = Reflect.hasMetadata(KEYS.resolverField, callback)
    ? Reflect.getMetadata(KEYS.resolverType, owner)
    : undefined;
  const type: unknown = Reflect.getMetadata(KEYS.resolverType, callback) ?? ofClass;
  const name: unknown = Reflect.getMetadata(KEYS.resolverName, callback) ?? method;
  if (ROOT_TYPES.includes(type)) {
    return [{ type: 'graphql', by: `${String(type).toLowerCase()} ${String(name)}`, nested: false }];
  }
  const declaredOn: unknown = type ?? Reflect.getMetadata(KEYS.resolverType, owner);
  const nested = {
    type: 'graphql',
    nested: true,
    ...(typeof declaredOn === 'string' && { ofType: declaredOn }),
  } as const;
  if (Reflect.getMetadata(KEYS.resolverReference, callback) === true)
    return [{ ...nested, by: BY_REFERENCE }];
  if (Reflect.getMetadata(KEYS.resolverField, callback) !== true || method === TYPE_RESOLVER) return [];
  return [{ ...nested, by: name === REFERENCE_RESOLVER ? BY_REFERENCE : `field ${String(name)}` }];
}

function pathsIn(path: unknown): readonly string[] {
  return Array.isArray(path) ? path.map(String) : [typeof path === 'string' ? path : '/'];
}

function joined(prefix: string, path: string): string {
  return `/${prefix}/${path}`.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
}
