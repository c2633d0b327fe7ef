import { KeysUnavailableError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import type { Anonymous, Grant } from '../requirements/requirement.js';
import type { Validator } from '../token/validator-contract.js';
import { scopesIn } from './alternatives.js';
import { describeOperation, type GuardedOperation, type OpenApiNames } from './operation.js';
import { describeSchemes } from './schemes.js';

/**
 * What stands in front of an operation: a requirement or the explicit opening; `'authenticated'`, where any accepted token
 * will do and nothing is refused with a 403; `'optional'`, where no token will do either.
 */
export type OperationAccess = Grant | Anonymous | 'authenticated' | 'optional';

/** What a document may be told of names and scopes. */
export interface DocumentSecurityOptions extends Omit<OpenApiNames, 'applicationIdUri'> {
  /** What scopes are for, by their short names. Default: the name itself. */
  readonly scopes?: Readonly<Record<string, string>>;
}

/** The parts of an operation of a document that its guard decides about. */
export interface SecuredOperation {
  security?: readonly object[];
  responses?: Readonly<Record<string, object | undefined>>;
}

/** The parts of a document that its guards decide about. */
export interface SecuredDocument {
  readonly security?: readonly object[];
  readonly components?: { readonly securitySchemes?: Readonly<Record<string, object>> };
}

/** What a document has in any case once its security schemes are in it. */
export interface SecuredParts {
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
}

/**
 * Writes what guards require into an OpenAPI document: first {@link describe} for each operation, then {@link secured} once
 * for the document.
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
   * Changes the operation: its security is replaced by what is so; 401, 403 and 503 are added where it doesn't describe
   * them itself.
   *
   * @param document the one it belongs to, which may require something of all its operations
   */
  describe(operation: SecuredOperation, access: OperationAccess, document: SecuredDocument): void {
    const { security, responses } = this.#described(access);
    // An empty list lifts what holds for the whole document, and says nothing where nothing does.
    if (security.length > 0 || document.security !== undefined) operation.security = security;
    else delete operation.security;
    operation.responses = { ...responses, ...operation.responses };
  }

  /**
   * The document with the security schemes that its operations name. Reads the authority's metadata for the addresses
   * where tokens are had; while that can't be read, the schemes name the metadata itself (`openIdConnect`).
   *
   * @throws ConfigurationError if the metadata names no endpoints (as a rejection)
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
    // Without a token too: an empty alternative (OpenAPI 3.1 section 4.8.30).
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
