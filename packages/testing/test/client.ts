import type { InProcessEntra } from '@entra-guard/testing';
import { production } from './read-token.js';

export type Answer = Readonly<Record<string, unknown>>;

export interface Answered {
  readonly status: number;
  readonly body: Answer;
}

const HERE = 'http://localhost:3000/';

/** A client application that signs users in by authorization code, without a library. */
export class Client {
  readonly #entra: InProcessEntra;
  readonly #id: string;

  constructor(entra: InProcessEntra, name = 'web') {
    this.#entra = entra;
    this.#id = entra.clientIdOf(name);
  }

  async token(form: Readonly<Record<string, string>>): Promise<Answered> {
    const answer = await this.#entra.fetch(`${production}/${this.#entra.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: this.#id, ...form }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer };
  }

  /** Signs a user in, and returns where the browser was sent. */
  async authorize(user: string, query: Readonly<Record<string, string>> = {}): Promise<URLSearchParams> {
    const parameters = new URLSearchParams({
      client_id: this.#id,
      redirect_uri: HERE,
      response_type: 'code',
      login_hint: user,
      scope: 'openid offline_access',
      ...query,
    });
    const answer = await this.#entra.fetch(
      `${production}/${this.#entra.tenantId}/oauth2/v2.0/authorize?${parameters}`,
      { redirect: 'manual' },
    );
    return new URL(answer.headers.get('location') ?? '').searchParams;
  }

  redeem(code: string, form: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.token({ grant_type: 'authorization_code', code, redirect_uri: HERE, ...form });
  }

  async signIn(user: string, query: Readonly<Record<string, string>> = {}): Promise<Answered> {
    const code = (await this.authorize(user, query)).get('code');
    return this.redeem(code ?? '');
  }

  refresh({ refresh_token }: Answer, form: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.token({ grant_type: 'refresh_token', refresh_token: String(refresh_token), ...form });
  }
}

/** A refusal by its AADSTS code. */
export const refused = (code: number, more: Answer = {}) => ({
  status: 400,
  body: { error: 'invalid_grant', error_codes: [code], ...more },
});
