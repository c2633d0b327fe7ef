import {
  ConfigurationError,
  consoleLog,
  DocumentSecurity,
  type DocumentSecurityOptions,
  type LogSink,
  ownOptions,
  type SecuredDocument,
  type SecuredOperation,
  type SecuredParts,
} from '@entra-guard/core';
import type { ExpressGuard } from '../express-guard.js';
import { exposedRoutes } from '../routes/handlers-in.js';
import { describedBy, isOfAnotherApi, nameOf } from './described-access.js';
import { DocumentPaths } from './document-paths.js';
import { readPath } from './path-templates.js';
import { RouteOrder } from './route-order.js';

/** Options of {@link createGuardedDocument}. */
export interface GuardedDocumentOptions extends DocumentSecurityOptions {
  /**
   * The part of the routes' paths that is not in the document's, because its `servers` have it: `/api`. Routes elsewhere are
   * not described. Default: none.
   */
  readonly basePath?: string;
  /** Whether routes that the document does not describe are added to it. Default `true`. */
  readonly addRoutes?: boolean;
  /** Is told of operations that have no route (`warn`), and of routes that have no path template (`info`). Default: the console. */
  readonly log?: LogSink | false;
}

/** An OpenAPI 3 document, whole or begun: what a generator wrote of comments, what was written by hand, or just a title. */
export interface OpenApiDocument extends SecuredDocument {
  /** `3.0.x`, `3.1.x` or `3.2.x`. */
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths?: Readonly<Record<string, object | undefined>>;
}

/** A path of a guarded document, by the methods that it has in lower case. */
export type GuardedPath = {
  readonly [Method in
    | 'get'
    | 'put'
    | 'post'
    | 'delete'
    | 'options'
    | 'head'
    | 'patch'
    | 'trace']?: SecuredOperation;
};

/** What a document has in any case once it was guarded. */
export interface GuardedParts extends SecuredParts {
  /** By their templates: `/orders/{id}`. */
  readonly paths: Readonly<Record<string, GuardedPath | undefined>>;
}

/**
 * Returns the document with every route of the application in it. Each operation says what its route requires: its security
 * requirement, and its answers 401, 403 and 503. Answers that an operation describes stay; its security is replaced. Of
 * several routes that take the same requests, the first that may answer counts. Undecided routes, and those of another API's
 * guard, are left out. Call it after the last route, and after `assertAllGuarded` on mounted applications, which Express
 * hides. The given document is not changed.
 *
 * Reads the authority's metadata for its token endpoint. While that is unavailable, the schemes name the address of the
 * metadata (`openIdConnect`), and the API starts nevertheless.
 *
 * ```ts
 * const document = await createGuardedDocument(app, guard, {
 *   openapi: '3.1.0',
 *   info: { title: 'Orders', version: '1' },
 * });
 * app.use('/docs', swaggerUi.serve, swaggerUi.setup(document));
 * ```
 *
 * @param guard the one whose API the document is of
 * @throws ConfigurationError for an invalid application, OpenAPI 3 document or base path; where guards on the way to a
 *   route contradict each other; or if the metadata names no endpoints (as rejections)
 */
export async function createGuardedDocument<D extends OpenApiDocument>(
  app: object,
  guard: Pick<ExpressGuard, 'validator'>,
  document: D,
  options: GuardedDocumentOptions = {},
): Promise<D & GuardedParts> {
  const {
    basePath = '',
    addRoutes = true,
    log = consoleLog,
    ...names
  } = ownOptions('createGuardedDocument()', options);
  assertGuard(guard);
  assertOpenApi(document);
  const base = baseFrom(basePath);
  const paths = new DocumentPaths(document.paths);
  const order = new RouteOrder();
  const routes = exposedRoutes(app, 'createGuardedDocument()');
  const unsaid: string[] = [];
  for (const route of routes) {
    const read = route.readable ? readPath(route.path) : undefined;
    order.add(route, read);
    if (read === undefined) unsaid.push(`${route.method} ${route.path}`);
    for (const template of below(base, read?.templates ?? [])) paths.join(template, route);
  }
  const security = new DocumentSecurity(guard.validator, names);
  const hidden: string[] = [];
  for (const { verb, path, operation } of paths.operations(addRoutes)) {
    const described = describedBy(order.to(verb, base + path), guard.validator);
    if (described.access !== undefined) security.describe(operation, described.access, document);
    if (described.after !== undefined)
      hidden.push(`${verb.toUpperCase()} ${path} (after ${described.after})`);
  }
  const others = routes.filter(({ makers }) => isOfAnotherApi(makers, guard.validator));
  if (log !== false)
    report({ withoutRoute: paths.withoutRoute(), unsaid, hidden, others: others.map(nameOf) }, log);
  return security.secured({ ...document, paths: paths.written() });
}

function assertGuard(guard: Pick<ExpressGuard, 'validator'>): void {
  if (typeof (guard as Partial<ExpressGuard> | undefined)?.validator === 'object') return;
  throw new ConfigurationError(
    'createGuardedDocument() was given no guard.',
    'Pass what entraGuard() made in second place: createGuardedDocument(app, guard, document).',
  );
}

function assertOpenApi(document: OpenApiDocument): void {
  const found = (document as Partial<OpenApiDocument> | undefined)?.openapi;
  if (typeof found === 'string' && /^3\.[0-2](\.|$)/.test(found)) return;
  const swagger = (document as { readonly swagger?: unknown } | undefined)?.swagger;
  throw new ConfigurationError(
    `createGuardedDocument() was given ${swagger === undefined ? `a document whose 'openapi' is ${JSON.stringify(found)}` : `a document of Swagger ${swagger}`}.`,
    "It takes OpenAPI 3.0, 3.1 or 3.2: createGuardedDocument(app, guard, { openapi: '3.1.0', info: { title: 'Orders', version: '1' } }).",
  );
}

function baseFrom(basePath: string): string {
  if (typeof basePath === 'string' && /^(\/[^{}:*?]*)?$/.test(basePath)) return basePath.replace(/\/+$/, '');
  throw new ConfigurationError(
    `basePath is ${JSON.stringify(basePath)}, which is not a path without parameters.`,
    "Give the path that the document's servers have in common with the routes: { basePath: '/api' }.",
  );
}

function below(base: string, templates: readonly string[]): readonly string[] {
  return templates
    .filter((template) => template === base || template.startsWith(`${base}/`))
    .map((template) => template.slice(base.length) || '/');
}

interface Report {
  readonly withoutRoute: readonly string[];
  readonly unsaid: readonly string[];
  readonly hidden: readonly string[];
  readonly others: readonly string[];
}

function report({ withoutRoute, unsaid, hidden, others }: Report, log: LogSink): void {
  const tell = (level: 'warn' | 'info', message: string, about: readonly string[], hint?: string) => {
    if (about.length === 0) return;
    const entry = { level, event: 'configuration', message: `${message}: ${about.join(', ')}` } as const;
    log(hint === undefined ? entry : { ...entry, hint });
  };
  tell(
    'warn',
    'The OpenAPI document describes operations without a route, whose security was left unchanged',
    withoutRoute,
    "Correct the path, or say with basePath what the document's servers add to it. Functions in app.use() and applications that assertAllGuarded was not called on are not seen.",
  );
  tell(
    'warn',
    'The OpenAPI document does not say what these routes require: an earlier route takes their requests, and is neither guarded nor declared open',
    hidden,
    'Guard the first one, declare it open, or put it behind the others.',
  );
  tell('info', 'The OpenAPI document does not say what the guard of another API requires', others);
  tell('info', "The OpenAPI document does not have what its paths can't say", unsaid);
}
