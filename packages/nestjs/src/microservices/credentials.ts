import type { RequestLike } from '@entra-guard/core';
import { authorizationIn, requestWith } from '@entra-guard/core/connections';

/** What checks get as `request` for a message. */
export interface MicroserviceCall {
  /** What the message holds. */
  readonly data: unknown;
  /** Nest's context of the transport: `NatsContext`, `KafkaContext`, gRPC's `Metadata`, … */
  readonly context: unknown;
}

/** Finds what a message has in place of an `Authorization` header: `Bearer <access token>`, each value that is there. */
export type AuthorizationSource = (call: MicroserviceCall) => readonly unknown[];

/** How Nest's contexts and gRPC hand over the metadata of a message. */
interface TransportContext {
  /** NATS: `MsgHdrs`. */
  getHeaders?(): { values?(name: string): unknown; keys?(): Iterable<string> } | null | undefined;
  /** TCP and Redis, from NestJS 12 on. */
  getMetadata?(): unknown;
  /** Kafka: headers. RabbitMQ: properties.headers. */
  getMessage?():
    | { readonly headers?: unknown; readonly properties?: { readonly headers?: unknown } }
    | undefined;
  /** MQTT 5: properties.userProperties. */
  getPacket?(): { readonly properties?: { readonly userProperties?: unknown } } | undefined;
  /** gRPC: `Metadata`. */
  get?(key: string): unknown;
  getMap?(): unknown;
}

/**
 * Reads metadata and headers: of NATS, Kafka, RabbitMQ, MQTT 5 and gRPC, and from NestJS 12 on of TCP and Redis, by the
 * name `authorization` in any case.
 */
export const fromHeaders: AuthorizationSource = ({ context }) => {
  if (typeof context !== 'object' || context === null) return [];
  const transport = context as TransportContext;
  if (transport.getHeaders) return ofNats(transport.getHeaders());
  if (transport.getMetadata) return authorizationIn(transport.getMetadata());
  if (transport.getMessage) {
    const message = transport.getMessage();
    return authorizationIn(message?.headers ?? message?.properties?.headers);
  }
  if (transport.getPacket) return authorizationIn(transport.getPacket()?.properties?.userProperties);
  if (transport.get && transport.getMap) return valuesOf(transport.get('authorization'));
  return [];
};

/**
 * Reads the token from the message itself, for TCP and Redis in NestJS 10 and 11, which carry no metadata:
 * `fromPayload('authorization')` takes `data.authorization`.
 */
export function fromPayload(property: string): AuthorizationSource {
  return ({ data }) => {
    if (typeof data !== 'object' || data === null || !Object.hasOwn(data, property)) return [];
    return valuesOf((data as Readonly<Record<string, unknown>>)[property]);
  };
}

/** The message's credentials, as the core reads them. A source that gives something else than text gives a broken one. */
export function credentialsOf(call: MicroserviceCall, source: AuthorizationSource): RequestLike {
  return requestWith(source(call).flatMap((value) => authorizationIn({ authorization: value })));
}

/** NATS keeps the case of names. */
function ofNats(headers: ReturnType<NonNullable<TransportContext['getHeaders']>>): readonly unknown[] {
  const names = [...(headers?.keys?.() ?? [])].filter((name) => name.toLowerCase() === 'authorization');
  return names.flatMap((name) => valuesOf(headers?.values?.(name)));
}

function valuesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
