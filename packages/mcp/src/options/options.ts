import type { Anonymous, Grant, GuardOptions } from '@entra-guard/core';

/** What each tool, prompt or resource requires, by its name. `anonymous()` opens it to every caller. */
export type Requirements<Name extends string> = Readonly<Record<Name, Grant | Anonymous>>;

/** How a caller is told that more scopes would do. */
export type StepUpWay = 'http' | 'tool' | 'both';

/** Settings of {@link entraMcp}, in addition to the guard. */
export interface McpSettings<
  Tool extends string = string,
  Prompt extends string = string,
  Resource extends string = string,
> {
  /**
   * The URL at which clients reach the server. It has to be the application ID URI of the app registration, character for
   * character: https (http on this machine), with a path, without a slash at the end. Clients send it as `resource` (RFC 8707).
   */
  readonly resource: string;
  /** The server's name for people, in the metadata (RFC 9728, `resource_name`). Default none. */
  readonly resourceName?: string;
  /**
   * The scopes that clients ask for first; short names, `['Orders.Read']`. Clients are told their full names. Default: the one
   * scope that the requirements name; where they name several, it has to be said.
   */
  readonly initialScopes?: readonly string[];
  /** What each tool requires. A call of any other tool is refused. */
  readonly tools: Requirements<Tool>;
  /** What each prompt requires. Default: there are none. */
  readonly prompts?: Requirements<Prompt>;
  /** What each resource requires, by its URI, or by its URI template (RFC 6570). Default: there are none. */
  readonly resources?: Requirements<Resource>;
  /**
   * How a caller who lacks only scopes is told: `'http'` by a 403 with a challenge, `'tool'` by the tool's result, with the challenge in
   * `_meta`, `'both'` by a 403 where the protocol's revision has step-up (2026-07-28 and later), else by the result. Default `'http'`.
   */
  readonly stepUp?: StepUpWay;
  /**
   * What a caller hears who lacks anything else: `'hide'`, what an unknown tool is answered with, or `'say'`, a sentence from a closed
   * list. Default `'hide'`.
   */
  readonly denied?: 'hide' | 'say';
  /**
   * Origins of web pages that may call, in addition to that of `resource`: `['http://localhost:6274']` for the MCP Inspector. Requests
   * without an `Origin` pass, since only browsers send one. Default none.
   */
  readonly allowedOrigins?: readonly string[];
  /** Puts the access token into `AuthInfo.token`, where it is an empty text otherwise. Never pass it on. Default `false`. */
  readonly exposeToken?: boolean;
  /** The longest body that is read, in bytes. It is read for callers with a valid token only. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * `{ facade: 'metadata' }` serves metadata of an authorization server at the origin of `resource` (RFC 8414), with Entra's end points,
   * PKCE, and without `offline_access`. No code and no token passes. Default: clients read Entra's own metadata.
   */
  readonly authorizationServer?: { readonly facade: 'metadata' };
}

/** Options of {@link entraMcp}: a guard that exists, or the options of one; and the settings. */
export type EntraMcpOptions<
  Tool extends string = string,
  Prompt extends string = string,
  Resource extends string = string,
> = McpSettings<Tool, Prompt, Resource> &
  (
    | {
        /** What `entraGuard(...)` or `createGuard(...)` gave. Its `applicationIdUri` has to be `resource`. */
        readonly guard: object;
      }
    /** Where `applicationIdUri` is left out, it is `resource`. */
    | GuardOptions
  );
