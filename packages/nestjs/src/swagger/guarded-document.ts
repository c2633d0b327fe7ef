import {
  anonymous,
  DocumentSecurity,
  type DocumentSecurityOptions,
  type HandlerAccess,
  type OperationAccess,
  ownOptions,
  type SecuredOperation,
  type Validator,
} from '@entra-guard/core';
import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type OpenAPIObject, type SwaggerDocumentOptions, SwaggerModule } from '@nestjs/swagger';
import { ENTRA_VALIDATOR } from '../entra-guard.tokens.js';
import { handlersOf } from '../handlers/handler-inventory.js';
import { accessIn } from '../inventory/exposed-access.js';
import { MarkedHandlers } from './marked-handlers.js';

/** Options of {@link createGuardedDocument}. */
export interface GuardedDocumentOptions extends DocumentSecurityOptions {
  /** What `SwaggerModule.createDocument` takes. */
  readonly swagger?: SwaggerDocumentOptions;
}

/**
 * Makes the document of `SwaggerModule.createDocument`, in which each operation says what its handler requires: its security
 * requirement, and its answers 401, 403 and 503. Answers that a handler describes stay; its security is replaced. A handler
 * that declares a requirement without a guard in front of it is shown as open. A handler behind another guard keeps what the
 * application says.
 *
 * Reads the authority's metadata for its token endpoint. While that is unavailable, the schemes name the address of the
 * metadata (`openIdConnect`), and the API starts nevertheless.
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
  const { swagger, ...names } = ownOptions('createGuardedDocument()', options);
  const validator = app.get<Validator>(ENTRA_VALIDATOR, { strict: false });
  const modules = app.get(ModulesContainer, { strict: false });
  const { accessOf } = accessIn(app, modules);
  const marked = new MarkedHandlers(handlersOf(modules).filter(({ type }) => type === 'http'));
  const document = marked.during(() => SwaggerModule.createDocument(app, config, swagger));
  const security = new DocumentSecurity(validator, names);
  for (const operation of operationsOf(document.paths)) {
    const handler = marked.take(operation);
    if (handler === undefined) continue;
    const access = describable(accessOf(handler));
    if (access !== undefined) security.describe(operation, access, document);
  }
  // What the API calls, and not what is called: only the marks come off.
  const { webhooks = {} } = document as { readonly webhooks?: Readonly<Record<string, object>> };
  for (const operation of operationsOf(webhooks)) marked.take(operation);
  return security.secured(document);
}

/** What a document can say of a handler; `undefined` leaves what it says to the application. */
function describable(access: HandlerAccess): OperationAccess | undefined {
  switch (access.kind) {
    case 'requirement':
      return access.requirement;
    case 'optional':
      return 'optional';
    case 'undecided':
      // Where no guard runs, every caller gets in, also where something is declared.
      return access.effect === 'open' && access.declared === true ? anonymous() : undefined;
    case 'other-guard':
      return undefined;
  }
}

/** What is used of an operation of a document. */
export interface Operation extends SecuredOperation {
  operationId?: string;
}

/** By path or name; NestJS has more methods than OpenAPI has. */
function operationsOf(paths: Readonly<Record<string, object>>): readonly Operation[] {
  return Object.values(paths).flatMap((path) =>
    Object.values(path).filter(
      (part): part is Operation => typeof part === 'object' && part !== null && !Array.isArray(part),
    ),
  );
}
