import {
  DocumentSecurity,
  type DocumentSecurityOptions,
  type SecuredOperation,
  type Validator,
} from '@entra-guard/core';
import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type OpenAPIObject, type SwaggerDocumentOptions, SwaggerModule } from '@nestjs/swagger';
import { ENTRA_VALIDATOR, HANDLER_REQUIREMENTS } from '../entra-guard.tokens.js';
import { handlersOf } from '../handler-inventory.js';
import type { HandlerRequirements } from '../handler-requirements.js';
import { MarkedHandlers } from './marked-handlers.js';

/** What {@link createGuardedDocument} may be told. */
export interface GuardedDocumentOptions extends DocumentSecurityOptions {
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
  { swagger, ...names }: GuardedDocumentOptions = {},
): Promise<OpenAPIObject> {
  const requirements = app.get<HandlerRequirements>(HANDLER_REQUIREMENTS, { strict: false });
  const validator = app.get<Validator>(ENTRA_VALIDATOR, { strict: false });
  const marked = new MarkedHandlers(
    handlersOf(app.get(ModulesContainer, { strict: false })).filter(({ type }) => type === 'http'),
  );
  const document = SwaggerModule.createDocument(app, config, marked.watch(swagger));
  const security = new DocumentSecurity(validator, names);
  for (const operation of operationsOf(document)) {
    const handler = marked.take(operation);
    if (handler === undefined) continue;
    const { access } = requirements.learn(handler.controller, handler.method, handler.callbacks);
    if (access === undefined) continue;
    security.describe(operation, access.mode === 'require' ? access.requirement : 'optional', document);
  }
  return security.secured(document);
}

/** What is used of an operation of a document. */
export interface Operation extends SecuredOperation {
  operationId?: string;
}

const VERBS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'search'] as const;

function operationsOf({ paths }: OpenAPIObject): readonly Operation[] {
  return Object.values(paths).flatMap((path) => {
    const byVerb = path as Readonly<Record<string, Operation | undefined>>;
    return VERBS.flatMap((verb) => byVerb[verb] ?? []);
  });
}
