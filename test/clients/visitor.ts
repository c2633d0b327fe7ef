/** A browser without scripts: keeps cookies by host, follows redirects, and submits the form of `form_post`. */
export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>;

  constructor(fetchOf: (url: string, init: RequestInit) => Promise<Response> = fetch) {
    this.#fetch = fetchOf;
  }

  /** Opens a page and returns where the visitor ends up. */
  async open(url: string, init: RequestInit = {}): Promise<{ readonly url: string; readonly page: string }> {
    let answer = await this.#request(url, init);
    let at = url;
    for (let hops = 0; hops < 10; hops++) {
      const location = answer.headers.get('location');
      if (location !== null) {
        at = new URL(location, at).href;
        answer = await this.#request(at);
        continue;
      }
      const page = await answer.text();
      const form = postedForm(page);
      if (form === undefined) return { url: at, page };
      at = new URL(form.action, at).href;
      answer = await this.#request(at, { method: 'POST', body: form.fields });
    }
    throw new Error(`More than ten redirects, the last one to ${at}.`);
  }

  async #request(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '));
    const answer = await this.#fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      const over = attributes.some((one) => /^\s*(?:max-age=0|expires=thu, 01 jan 1970)/i.test(one));
      if (over) jar.delete(name.trim());
      else jar.set(name.trim(), value.join('='));
    }
    return answer;
  }
}

/** The form of a page that submits itself. */
function postedForm(page: string): { action: string; fields: URLSearchParams } | undefined {
  const action = /<form[^>]*\smethod="post"[^>]*\saction="([^"]*)"/i.exec(page)?.[1];
  const submits = page.includes('.submit()');
  if (action === undefined || !submits) return undefined;
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of page.matchAll(
    /<input[^>]*\sname="([^"]*)"[^>]*\svalue="([^"]*)"/g,
  )) {
    fields.append(unescaped(name), unescaped(value));
  }
  return { action: unescaped(action), fields };
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
