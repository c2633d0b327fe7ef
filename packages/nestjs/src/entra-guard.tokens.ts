/** The module's options, as they were given. Override it in an e2e test: `.useValue(entra.options())`. */
export const ENTRA_GUARD_OPTIONS: unique symbol = Symbol.for('entra-guard/nestjs/options');

/** The core's `Validator`, for readiness probes and for tokens that arrive elsewhere than in a request's header. */
export const ENTRA_VALIDATOR: unique symbol = Symbol.for('entra-guard/nestjs/validator');

/** The module's own settings; they stay when a test overrides the options. */
export const MODULE_SETTINGS: unique symbol = Symbol.for('entra-guard/nestjs/module-settings');

/** The options, read and checked. */
export const RESOLVED_OPTIONS: unique symbol = Symbol.for('entra-guard/nestjs/resolved-options');

/** The core's `Guard`. */
export const CORE_GUARD: unique symbol = Symbol.for('entra-guard/nestjs/core-guard');

/** The module's guard: `EntraGuard`, or the class given as the option `guard`. */
export const ENFORCING_GUARD: unique symbol = Symbol.for('entra-guard/nestjs/enforcing-guard');

/** What each handler requires. */
export const HANDLER_REQUIREMENTS: unique symbol = Symbol.for('entra-guard/nestjs/handler-requirements');

/** The adapters of contexts. */
export const CONTEXT_REGISTRY: unique symbol = Symbol.for('entra-guard/nestjs/context-registry');

/** What `assertCovered` and `guardConnections` showed about the application. */
export const COVERAGE: unique symbol = Symbol.for('entra-guard/nestjs/coverage');

/** The options of `EntraDownstreamModule`, as they were given. */
export const DOWNSTREAM_OPTIONS: unique symbol = Symbol.for('entra-guard/nestjs/downstream-options');

/** What the filter of `EntraDownstreamModule` answers with. */
export const THROWN_ERRORS: unique symbol = Symbol.for('entra-guard/nestjs/thrown-errors');

/** Who may revoke what over HTTP, as it was given. */
export const REVOCATION_OPTIONS: unique symbol = Symbol.for('entra-guard/nestjs/revocation-options');

/** Where people approve over HTTP, as it was given. */
export const APPROVAL_OPTIONS: unique symbol = Symbol.for('entra-guard/nestjs/approval-options');

/** How the MCP server of the application is guarded, as it was given. */
export const MCP_OPTIONS: unique symbol = Symbol.for('entra-guard/nestjs/mcp-options');

/** The options of `EntraPostgresModule`, as they were given. */
export const POSTGRES_OPTIONS: unique symbol = Symbol.for('entra-guard/nestjs/postgres-options');
