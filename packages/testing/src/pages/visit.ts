import type { Call } from '../endpoints/call.js';
import { Browser, type Browsers, cookieHeader, cookieOf } from './browsers.js';
import type { Interactions } from './interactions.js';

/** What the pages of one local Entra remember. */
export interface PageState {
  readonly browsers: Browsers;
  readonly interactions: Interactions;
}

/** One request of a browser. */
export interface Visit extends Call {
  readonly state: PageState;
  readonly browser: Browser;
  /** Remembers the browser by a cookie. */
  keep(): void;
  /** Gives the browser another cookie, as after a sign-in: one that was known before is worth nothing then. */
  renew(): void;
}

/** Finds the browser of a request, and adds its cookie to the answer where that is new. */
export async function visited(
  state: PageState,
  call: Call,
  answer: (visit: Visit) => Response | Promise<Response>,
): Promise<Response> {
  const before = cookieOf(call);
  const found = state.browsers.find(before);
  const browser = found ?? new Browser();
  let id = found === undefined ? undefined : before;
  const renew = () => {
    id = state.browsers.renew(browser, id);
  };
  const keep = () => {
    if (id === undefined) renew();
  };
  const response = await answer({ ...call, state, browser, keep, renew });
  if (id !== undefined && id !== before) {
    response.headers.append('set-cookie', cookieHeader(call.entra.authority.origin, id));
  }
  return response;
}
