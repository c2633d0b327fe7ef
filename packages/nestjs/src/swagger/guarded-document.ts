import {
  type AuthorizationServer,
  describeOperation,
  describeSchemes,
  type GuardedOperation,
  KeysUnavailableError,
  type OpenApiNames,
  scopesIn,
  type Validator,
} from '@entra-guard/core';
import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type OpenAPIObject, type SwaggerDocumentOptions, SwaggerModule } from '@nestjs/swagger';
import type { HandlerAccess } from '../composition.js';
import { ENTRA_VALIDATOR, HANDLER_REQUIREMENTS } from '../entra-guard.tokens.js';
import { handlersOf } from '../handler-inventory.js';
import type { HandlerRequirements } from '../handler-requirements.js';
import { MarkedHandlers } from './marked-handlers.js';

/** What {@link createGuardedDocument} may be told. */
export interface GuardedDocumentOptions extends Omit<OpenApiNames, 'applicationIdUri'> {
  /** What scopes are for, by their short names. Default: the name itself. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** What `SwaggerModule.createDocument` takes. */
  readonly swagger?: SwaggerDocumentOptions;
}

/**
 * `SwaggerModule.createDocument`, and each operation says what its handler requires: its security requirement, and its 401,
 * 403 and 503. What a handler says of its answers itself stays; what it says of its security is replaced by what is so.
 * Reads the authority's metadata for the addresses where tokens are had; while that can't be read, the schemes name the
 * metadata itself (`openIdConnect`), and the API starts all the same.
 *
 * ```ts
 * const document = await createGuardedDocument(app, new DocumentBuilder().setTitle('Orders').build());
 * SwaggerModule.setup('docs', app, document);
 * ```
 *
 * @throws ConfigurationError where declarations contradict each other, or the metadata names no endpoints (as rejections)
 */
export async function createGuardedDocument(
  app: INestApplication,
  config: Omit<OpenAPIObject, 'paths'>,
  options: GuardedDocumentOptions = {},
): Promise<OpenAPIObject> {
  const requirements = app.get<HandlerRequirements>(HANDLER_REQUIREMENTS, { strict: false });
  const validator = app.get<Validator>(ENTRA_VALIDATOR, { strict: false });
  const marked = new MarkedHandlers(
    handlersOf(app.get(ModulesContainer, { strict: false })).filter(({ type }) => type === 'http'),
  );
  const document = SwaggerModule.createDocument(app, config, marked.watch(options.swagger));
  const scopes = new Map<string, string>();
  for (const operation of operationsOf(document)) {
    const handler = marked.take(operation);
    if (handler === undefined) continue;
    const { access } = requirements.learn(handler.controller, handler.method, handler.callbacks);
    if (access === undefined) continue;
    if (access.mode === 'require') {
      for (const scope of scopesIn(access.requirement)) scopes.set(scope, options.scopes?.[scope] ?? scope);
    }
    const { applicationIdUri } = validator;
    describe(operation, operationOf(access, { ...options, applicationIdUri }), document);
  }
  const schemes = await schemesFor(validator, Object.fromEntries(scopes), options);
  const components = document.components ?? {};
  const securitySchemes = { ...components.securitySchemes, ...schemes };
  return { ...document, components: { ...components, securitySchemes } } as OpenAPIObject;
}

/** What is used of an operation of a document. */
export interface Operation {
  operationId?: string;
  security?: readonly object[];
  responses: Readonly<Record<string, object | undefined>>;
}

const VERBS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'search'] as const;

function operationsOf({ paths }: OpenAPIObject): readonly Operation[] {
  return Object.values(paths).flatMap((path) => {
    const byVerb = path as Readonly<Record<string, Operation | undefined>>;
    return VERBS.flatMap((verb) => byVerb[verb] ?? []);
  });
}

function operationOf(access: HandlerAccess, names: OpenApiNames): GuardedOperation {
  if (access.mode === 'require') return describeOperation(access.requirement, names);
  // Without a token too: an empty alternative (OpenAPI 3.1 section 4.8.30).
  const { security, responses } = describeOperation(undefined, names);
  const { '403': _, ...others } = responses;
  return { security: [{}, ...security], responses: others };
}

function describe(
  operation: Operation,
  { security, responses }: GuardedOperation,
  document: OpenAPIObject,
): void {
  // An empty list lifts what holds for the whole document, and says nothing where nothing does.
  if (security.length > 0 || document.security !== undefined) operation.security = security;
  else delete operation.security;
  operation.responses = { ...responses, ...operation.responses };
}

async function schemesFor(
  validator: Validator,
  scopes: Readonly<Record<string, string>>,
  names: GuardedDocumentOptions,
): Promise<Readonly<Record<string, object>>> {
  let server: AuthorizationServer;
  try {
    server = await validator.authorizationServer();
  } catch (error) {
    if (!KeysUnavailableError.is(error)) throw error;
    const url = validator.state().sources.find(({ document }) => document === 'metadata')?.url;
    const scheme = { type: 'openIdConnect', openIdConnectUrl: url };
    return { [names.userScheme ?? 'entra']: scheme, [names.appScheme ?? 'entraApp']: scheme };
  }
  return describeSchemes(server, scopes, names);
}
