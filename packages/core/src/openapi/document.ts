import { KeysUnavailableError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import type { Anonymous, Grant } from '../requirements/requirement.js';
import type { Validator } from '../token/validator-contract.js';
import { scopesIn } from './alternatives.js';
import { describeOperation, type GuardedOperation, type OpenApiNames } from './operation.js';
import { describeSchemes } from './schemes.js';

/**
 * What an operation requires: a requirement or `anonymous()`; `'authenticated'` if any accepted token is enough, so
 * that there is no 403; `'optional'` if a request without a token is also accepted.
 */
export type OperationAccess = Grant | Anonymous | 'authenticated' | 'optional';

/** Names of the security schemes, and descriptions of scopes. */
export interface DocumentSecurityOptions extends Omit<OpenApiNames, 'applicationIdUri'> {
  /** Descriptions of scopes, by their short names. Default: the name itself. */
  readonly scopes?: Readonly<Record<string, string>>;
}

/** The parts of a document's operation that its guard determines. */
export interface SecuredOperation {
  security?: readonly object[];
  responses?: Readonly<Record<string, object | undefined>>;
}

/** The parts of a document that its guards determine. */
export interface SecuredDocument {
  readonly security?: readonly object[];
  readonly components?: { readonly securitySchemes?: Readonly<Record<string, object>> };
}

/** What every document has after its security schemes were added. */
export interface SecuredParts {
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
}

/**
 * Writes what guards require into an OpenAPI document. Call {@link describe} for each operation, and then {@link
 * secured} once for the document.
 */
export class DocumentSecurity {
  readonly #validator: Validator;
  readonly #names: OpenApiNames;
  readonly #texts: Readonly<Record<string, string>>;
  readonly #scopes = new Map<string, string>();

  constructor(validator: Validator, options: DocumentSecurityOptions = {}) {
    const { scopes = {}, ...names } = ownOptions('DocumentSecurity', options);
    this.#validator = validator;
    this.#names = { ...names, applicationIdUri: validator.applicationIdUri };
    this.#texts = scopes;
  }

  /**
   * Changes the operation: replaces its security, and adds 401, 403 and 503 unless it describes them itself.
   *
   * @param document the document of the operation, which may have a security requirement for all operations
   */
  describe(operation: SecuredOperation, access: OperationAccess, document: SecuredDocument): void {
    const { security, responses } = this.#described(access);
    // An empty list overrides the document's security. It is only needed if there is one.
    if (security.length > 0 || document.security !== undefined) operation.security = security;
    else delete operation.security;
    operation.responses = { ...responses, ...operation.responses };
  }

  /**
   * Returns the document with the security schemes that its operations name. Reads the authority's metadata for its
   * authorization and token endpoints. While that is unavailable, the schemes link to the metadata (`openIdConnect`).
   *
   * @throws ConfigurationError if the metadata names no endpoint (as a rejection)
   */
  async secured<D extends SecuredDocument>(document: D): Promise<D & SecuredParts> {
    const securitySchemes = { ...document.components?.securitySchemes, ...(await this.#schemes()) };
    return { ...document, components: { ...document.components, securitySchemes } };
  }

  #described(access: OperationAccess): GuardedOperation {
    if (typeof access === 'object') {
      for (const scope of scopesIn(access)) this.#scopes.set(scope, this.#texts[scope] ?? scope);
      return describeOperation(access, this.#names);
    }
    const { security, responses } = describeOperation(undefined, this.#names);
    const { '403': _, ...refusals } = responses;
    // The empty alternative allows requests without a token (OpenAPI 3.1 section 4.8.30).
    return { security: access === 'optional' ? [{}, ...security] : security, responses: refusals };
  }

  async #schemes(): Promise<Readonly<Record<string, object>>> {
    const { userScheme = 'entra', appScheme = 'entraApp' } = this.#names;
    try {
      const server = await this.#validator.authorizationServer();
      return describeSchemes(server, Object.fromEntries(this.#scopes), this.#names);
    } catch (error) {
      if (!KeysUnavailableError.is(error)) throw error;
      const url = this.#validator.state().sources.find(({ document }) => document === 'metadata')?.url;
      const scheme = { type: 'openIdConnect', openIdConnectUrl: url };
      return { [userScheme]: scheme, [appScheme]: scheme };
    }
  }
}
