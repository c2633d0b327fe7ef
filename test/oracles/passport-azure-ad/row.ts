import type { Pages } from '../../support/authority-server.js';
import { API, LOGIN, TENANT, WELL_KNOWN } from '../../support/forger.js';
import type { Contender, Outcome } from './contender.js';
import { published } from './published.js';
import type { Ask, Setup } from './stand.mjs';

/** A situation that both are put into, and what comes of it. */
export interface Row {
  readonly name: string;
  /** Changes to the options; `undefined` takes one out. */
  readonly options?: object;
  /** What the constructor gets instead of options. */
  readonly instead?: { readonly options: unknown };
  readonly frozen?: boolean;
  /** Written into the options after construction. */
  readonly later?: object;
  /** What ours gets on top: options that the original does not know. */
  readonly more?: object;
  /** The name of a `verify`. Default `everybody`. */
  readonly verify?: string;
  /** Default `express`. */
  readonly host?: Setup['host'];
  /** Default `new`: the class itself. */
  readonly made?: Setup['made'];
  /** Default `new`. */
  readonly generation?: Setup['generation'];
  /** What `passport.authenticate` is told. */
  readonly authenticate?: object;
  /** The token in the `Authorization` header. */
  readonly token?: string;
  /** The rest of the request, or all of it. */
  readonly request?: Ask;
  /** Changes to what the authority publishes. */
  readonly documents?: Pages;
  /** The original goes on after uncaught exceptions. */
  readonly survive?: boolean;
  /** Who leaves a request without an answer. Default: neither. */
  readonly hangs?: 'original' | 'both';
  /** More than one request, or time that passes. Default: the request once. */
  readonly play?: (contender: Contender, ask: Ask, documents: Pages) => Promise<readonly Outcome[]>;
  /** What the original does, in the words of `words.ts`. */
  readonly original: string | readonly string[];
  /** What ours does. */
  readonly ours: string | readonly string[];
  /** What ours does with `legacyResponses`. Default: what the original did, where both refuse; else what ours does. */
  readonly legacy?: string | readonly string[];
}

/** What most rows start from. */
export const BASE = {
  identityMetadata: `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`,
  clientID: API,
};

/** Plays a row; one outcome for each request, or the one of the construction. */
export async function perform(row: Row, contender: Contender): Promise<readonly Outcome[]> {
  const documents: Pages = { ...published(), ...row.documents };
  const failed = await contender.open(setupOf(row), {
    documents,
    more: row.more ?? {},
    survive: row.survive === true,
    hangs: row.hangs ?? 'neither',
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
