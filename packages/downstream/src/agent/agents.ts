import type { AuthContext } from '@entra-guard/core';
import { claimsStepUp, DownstreamError, type TokenAuthority } from '@entra-guard/core/downstream';
import { digestOf, type Wanted } from '../cache/entry-key.js';
import { type Asking, TokenCache } from '../cache/token-cache.js';
import type { Tokens } from '../call/bound-api.js';
import { EXCHANGE_AUDIENCE } from '../credential/credential.js';
import type { Exchanger } from '../exchange/exchanger.js';
import {
  asUserOfAgent,
  clientCredentials,
  type Form,
  type FormBase,
  forAgent,
  onBehalfOf,
} from '../exchange/form.js';
import type { ApiSettings } from '../options/api-options.js';
import type { CallerSource } from '../token-getter.js';
import { toldTokens, type Whose, whoIs } from '../told-tokens.js';

/** For whom an agent identity acts. */
export type AgentActs =
  | { readonly for: 'caller'; readonly caller: CallerSource }
  | { readonly for: 'user'; readonly user: string }
  | { readonly for: 'itself' };

/** What stands for agents is a credential: few are kept, and in memory alone. */
const PROOFS = { maxEntries: 1000, maxBytes: 16_777_216 };

/**
 * Tokens of agent identities, whose blueprint is this API's app registration (Entra: agent identities, OAuth 2.0 flows). What stands for
 * an agent never leaves the process but to the token endpoint.
 */
export class Agents {
  readonly #cache: TokenCache;
  readonly #proofs: TokenCache;
  readonly #exchanger: Exchanger;
  readonly #now: () => number;

  constructor(cache: TokenCache, exchanger: Exchanger, now: () => number) {
    this.#cache = cache;
    this.#exchanger = exchanger;
    this.#now = now;
    this.#proofs = new TokenCache(PROOFS, undefined, now);
  }

  tokens(api: ApiSettings, authority: TokenAuthority, agentId: string, acts: AgentActs): Tokens {
    const auth = acts.for === 'caller' ? acts.caller.auth : undefined;
    const kind = acts.for === 'caller' ? 'agent-for-caller' : acts.for === 'user' ? 'agent-user' : 'agent';
    const scopes = acts.for === 'itself' ? [api.appScope as string] : api.scopes;
    const scope = scopes.join(' ');
    const whose: Whose = {
      api: api.name,
      kind,
      who: auth && whoIs(auth),
      scopes,
      agentId,
      ...told(api.name, auth),
    };
    const asking = async (cae: boolean): Promise<Asking> => {
      const tokenUrl = await authority.tokenUrl(auth?.tenantId ?? '');
      const leg: Leg = { api: api.name, authority, tokenUrl, agentId };
      const { subject, form } = this.#grant(acts, leg);
      const wanted: Wanted = { kind, tokenUrl, clientId: agentId, subject, scope, cae };
      return {
        wanted,
        owner: auth?.subjectKey,
        end: auth?.expiresAt ?? Number.POSITIVE_INFINITY,
        ask: async (claims) => {
          const made = await form();
          return this.#exchanger.exchange({ ...leg, scope, claims, cae, form: made, as: this.#asAgent(leg) });
        },
      };
    };
    return toldTokens(this.#cache, whose, asking, this.#now);
  }

  close(): void {
    this.#proofs.clear();
  }

  /** The last leg, and in whose name it is. */
  #grant(acts: AgentActs, leg: Leg): { subject: string; form: () => Promise<(base: FormBase) => Form> } {
    if (acts.for === 'itself') return { subject: '', form: async () => clientCredentials };
    if (acts.for === 'caller') {
      const { token } = acts.caller.read();
      return { subject: digestOf(token), form: async () => (base) => onBehalfOf(base, token) };
    }
    const { user } = acts;
    const form = async () => {
      const credential = await this.#credentialOf(leg);
      return (base: FormBase) => asUserOfAgent(base, credential, user);
    };
    return { subject: user.toLowerCase(), form };
  }

  #asAgent(leg: Leg) {
    return {
      clientId: leg.agentId,
      proof: async () => ({ client_assertion: await this.#assertionOf(leg) }),
    };
  }

  /** What proves that this API is the agent: got by the blueprint, with `fmi_path`. */
  #assertionOf(leg: Leg): Promise<string> {
    const { authority, agentId } = leg;
    return this.#proof(leg, authority.clientId, {
      form: (base) => forAgent(base, agentId),
      fmiPath: agentId,
    });
  }

  /** What lets the agent act through its own user account: got by the agent for itself. */
  #credentialOf(leg: Leg): Promise<string> {
    return this.#proof(leg, leg.agentId, { form: clientCredentials, as: this.#asAgent(leg) });
  }

  async #proof(
    leg: Leg,
    clientId: string,
    how: Pick<Parameters<Exchanger['exchange']>[0], 'form' | 'as' | 'fmiPath'>,
  ): Promise<string> {
    const { api, authority, tokenUrl, agentId } = leg;
    const scope = `${EXCHANGE_AUDIENCE[authority.cloud]}/.default`;
    const found = await this.#proofs.get({
      wanted: { kind: 'agent', tokenUrl, clientId, subject: agentId, scope, cae: false },
      owner: undefined,
      end: Number.POSITIVE_INFINITY,
      ask: () =>
        this.#exchanger.exchange({ api, authority, tokenUrl, scope, claims: undefined, cae: false, ...how }),
    });
    if (found.kind === 'token') return found.token;
    throw found.refusal.error(undefined);
  }
}

/** What all requests of one flow have in common. */
interface Leg {
  readonly api: string;
  readonly authority: TokenAuthority;
  readonly tokenUrl: string;
  readonly agentId: string;
}

function told(api: string, auth: AuthContext | undefined): Pick<Whose, 'refused' | 'demanded'> {
  return {
    refused: (refusal) => refusal.error(auth),
    demanded: (claims) =>
      auth === undefined
        ? new DownstreamError({
            code: 'downstream_misconfigured',
            message: `'${api}' does not accept the token of the agent, although it is new and has what was demanded.`,
            hint: 'Was the agent identity or its blueprint disabled? Its sign-in log tells.',
            api,
          })
        : claimsStepUp(auth, claims),
  };
}
