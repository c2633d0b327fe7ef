import { randomBytes } from 'node:crypto';
import { BoundedMap } from '../bounded-map.js';
import type { App } from '../directory/apps.js';
import type { Tenant } from '../directory/tenants.js';
import type { Prompt } from '../endpoints/authorize-request.js';
import type { OAuthError } from '../endpoints/oauth-error.js';
import type { ScopeRequest } from '../endpoints/scope-request.js';
import type { Account, Browser } from './browsers.js';
import type { Html } from './html.js';

/** What a user signs in for: an app, a device, or to consent for all users. */
export interface Task {
  readonly client: App;
  readonly tenant: Tenant;
  /** What the app wants to do, one entry an API. */
  readonly wants: readonly ScopeRequest[];
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  /** Seconds that may have passed since the user signed in. */
  readonly maxAge?: number | undefined;
  /** The `claims` parameter, JSON text. */
  readonly claims?: string | undefined;
  /** Whether an administrator consents for all users. Default `false`. */
  readonly forAll?: boolean;
  /** What the user confirms at the end. Default: nothing. */
  readonly confirmation?: Html;
  /** Sources of `form-action` for where the answer leads. */
  readonly formTargets: readonly string[];
  /** @param claims the `claims` parameter, with what policies demanded */
  complete(account: Account, claims: string | undefined): Response;
  refuse(error: OAuthError): Response;
}

/** What an app asks a user to allow on one API. */
export interface Ask {
  readonly request: ScopeRequest;
  /** Short names. */
  readonly scopes: readonly string[];
}

/** What a user has to do next. */
export type Step =
  | { readonly kind: 'account' }
  | { readonly kind: 'mfa'; readonly contexts: readonly string[] }
  | { readonly kind: 'consent'; readonly asks: readonly Ask[] }
  | { readonly kind: 'approval'; readonly asks: readonly Ask[] }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'refused'; readonly error: OAuthError };

/** One user on the way through the pages, in one browser. */
export interface Interaction {
  readonly id: string;
  readonly browser: Browser;
  readonly task: Task;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** What the last page asks. A form that answers another page changes nothing. */
  step: Step | undefined;
  /** The account that was chosen. */
  account: Account | undefined;
  /** Whether the user consented on a page of this interaction. */
  consented: boolean;
  confirmed: boolean;
  /** An interaction is used once. */
  ended: boolean;
}

const lifetime = 15 * 60_000;
const most = 1000;

/** Interactions of one local Entra. New ones evict those that were used least recently. */
export class Interactions {
  readonly #all = new BoundedMap<string, Interaction>(most);

  begin(browser: Browser, task: Task, now: number): Interaction {
    const interaction: Interaction = {
      id: randomBytes(32).toString('base64url'),
      browser,
      task,
      expiresAt: now + lifetime,
      step: undefined,
      account: undefined,
      consented: false,
      confirmed: false,
      ended: false,
    };
    this.#all.set(interaction.id, interaction);
    return interaction;
  }

  find(id: string): Interaction | undefined {
    return this.#all.get(id);
  }
}
