import type { Pages } from '../../support/authority-server.js';
import { API, LOGIN, TENANT, WELL_KNOWN } from '../../support/forger.js';
import type { Contender, Outcome } from './contender.js';
import { published } from './published.js';
import type { Ask, Setup } from './stand.mjs';

/** A situation for both strategies, and the expected outcomes. */
export interface Row {
  readonly name: string;
  /** Changes to the options. `undefined` removes one. */
  readonly options?: object;
  /** What the constructor gets in place of the options. */
  readonly instead?: { readonly options: unknown };
  readonly frozen?: boolean;
  /** Written into the options after construction. */
  readonly later?: object;
  /** Further options for entra-guard, which the original does not know. */
  readonly more?: object;
  /** The name of a `verify`. Default `everybody`. */
  readonly verify?: string;
  /** Default `express`. */
  readonly host?: Setup['host'];
  /** Default `new`: the class itself. */
  readonly made?: Setup['made'];
  /** Default `new`. */
  readonly generation?: Setup['generation'];
  /** The options of `passport.authenticate`. */
  readonly authenticate?: object;
  /** The token in the `Authorization` header. */
  readonly token?: string;
  /** The rest of the request, or the whole request. */
  readonly request?: Ask;
  /** Changes to what the authority publishes. */
  readonly documents?: Pages;
  /** Whether the application of the original survives uncaught exceptions. */
  readonly survive?: boolean;
  /** Which strategy does not answer. Default: none. */
  readonly hangs?: 'original' | 'both';
  /** Sends several requests, or lets time pass. Default: sends the request once. */
  readonly play?: (contender: Contender, ask: Ask, documents: Pages) => Promise<readonly Outcome[]>;
  /** What the original does, as `words.ts` puts it. */
  readonly original: string | readonly string[];
  /** What entra-guard does. */
  readonly ours: string | readonly string[];
  /** What entra-guard does with `legacyResponses`. Default: `original` if both refuse, otherwise `ours`. */
  readonly legacy?: string | readonly string[];
}

/** The options of most rows. */
export const BASE = {
  identityMetadata: `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`,
  clientID: API,
};

/** Performs a row. Returns the outcome of each request, or that of the construction if it failed. */
export async function perform(row: Row, contender: Contender): Promise<readonly Outcome[]> {
  const documents: Pages = { ...published(), ...row.documents };
  const failed = await contender.open(setupOf(row), {
    documents,
    more: row.more ?? {},
    survive: row.survive === true,
    hangs: row.hangs ?? 'none',
  });
  try {
    if (failed !== undefined) return [failed];
    const ask = askOf(row);
    if (row.play !== undefined) return await row.play(contender, ask, documents);
    return [await contender.ask(ask)];
  } finally {
    await contender.close();
  }
}

function setupOf(row: Row): Setup {
  const { frozen, later, authenticate, made } = row;
  return {
    options: row.instead === undefined ? given({ ...BASE, ...row.options }) : row.instead.options,
    verify: row.verify ?? 'everybody',
    host: row.host ?? 'express',
    generation: row.generation ?? 'new',
    ...(frozen === undefined ? {} : { frozen }),
    ...(made === undefined ? {} : { made }),
    ...(later === undefined ? {} : { later }),
    ...(authenticate === undefined ? {} : { authenticate }),
  };
}

function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export function askOf({ token, request }: Row): Ask {
  const authorization = token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const];
  return { ...request, headers: [...authorization, ...(request?.headers ?? [])] };
}
