import type { LocalEntra } from '@entra-guard/testing';

/** What a browser shows, or where it was sent. */
export interface Seen {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
  /** Where a redirect leads that leaves the local Entra. */
  readonly location: URL | undefined;
}

interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly buttons: readonly { readonly label: string; readonly name?: string; readonly value: string }[];
}

export interface Sent {
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser without scripts: cookies, redirects and forms, over loopback. */
export class Visitor {
  readonly #entra: LocalEntra;
  readonly cookies = new Map<string, string>();

  constructor(entra: LocalEntra) {
    this.#entra = entra;
  }

  async open(url: string, init: RequestInit = {}): Promise<Seen> {
    const headers = new Headers(init.headers);
    if (this.cookies.size > 0) {
      headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    }
    const response = await this.#entra.fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const target = location === null ? undefined : new URL(location, url);
    if (target?.origin === this.#entra.origin) return this.open(target.href);
    return {
      status: response.status,
      url,
      text: await response.text(),
      headers: response.headers,
      location: target,
    };
  }

  /** Opens the address of a sign-in. */
  authorize(app: string, query: Readonly<Record<string, string>> = {}, tenant = 'common'): Promise<Seen> {
    const parameters = new URLSearchParams({
      client_id: this.#entra.clientIdOf(app),
      redirect_uri: 'http://localhost:3000/in',
      response_type: 'code',
      scope: 'openid',
      state: 's-1',
      ...query,
    });
    return this.open(`${this.#entra.origin}/${tenant}/oauth2/v2.0/authorize?${parameters}`);
  }

  /** Presses the button with that label, or one that begins with it, in its form. */
  press(page: Seen, label: string, { fields = {}, headers = {} }: Sent = {}): Promise<Seen> {
    for (const form of formsOf(page.text)) {
      const button = form.buttons.find((one) => one.label.startsWith(label));
      if (button === undefined) continue;
      const chosen = button.name === undefined ? {} : { [button.name]: button.value };
      return this.open(new URL(form.action, page.url).href, {
        method: 'POST',
        headers: { origin: this.#entra.origin, ...headers },
        body: new URLSearchParams({ ...form.fields, ...chosen, ...fields }),
      });
    }
    throw new Error(`There is no button "${label}" on the page:\n${page.text}`);
  }

  /** Signs a user in by name. */
  signIn(page: Seen, user: string): Promise<Seen> {
    return this.press(page, 'Sign in', { fields: { upn: user } });
  }
}

export function formsOf(text: string): readonly Form[] {
  return [...text.matchAll(/<form method="post" action="([^"]*)">(.*?)<\/form>/gs)].map(
    ([, action = '', body = '']) => ({
      action: unescaped(action),
      fields: Object.fromEntries(
        [...body.matchAll(/<input ([^>]*)>/g)]
          .map(([, given = '']) => attributesOf(given))
          .filter(({ type }) => type !== 'checkbox')
          .map(({ name = '', value = '' }) => [name, value]),
      ),
      buttons: [...body.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)].map(([, given = '', label = '']) => {
        const { name, value = '' } = attributesOf(given);
        return {
          label: unescaped(label.replace(/<[^>]*>/g, ' ')).trim(),
          value,
          ...(name === undefined ? {} : { name }),
        };
      }),
    }),
  );
}

function attributesOf(text: string): Readonly<Partial<Record<string, string>>> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)]),
  );
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

export function titleOf({ text }: Seen): string {
  return unescaped(/<h1>(.*?)<\/h1>/s.exec(text)?.[1] ?? '');
}
