import type { UserFacts } from '../directory/people.js';
import type { LoopbackEntra } from '../local-entra.js';
import { type StartEntraOptions, startEntra } from '../start-entra.js';
import { readStateFile } from '../state/state-file.js';
import { localhostCertificate } from '../transport/localhost-certificate.js';
import { tlsFetch } from '../transport/tls-fetch.js';
import { type LocalReport, reportOf } from './local-report.js';

/** The port of `entra-guard local`, unless it is told another. */
export const DEFAULT_PORT = 8484;

/** A local Entra that was started for people, and what they have to know of it. */
export interface StartedLocal {
  readonly entra: LoopbackEntra;
  readonly report: LocalReport;
}

/**
 * Starts a local Entra for development: with pages, and on port 8484, unless the options say otherwise.
 *
 * @throws {LocalEntraError} as `startEntra` does
 */
export async function startLocal(options: StartEntraOptions): Promise<StartedLocal> {
  const { port = DEFAULT_PORT, pages = true } = options;
  const entra = await startEntra({ ...options, port, pages });
  // Written at the start: what was changed in earlier runs is in it.
  const kept = options.state === undefined ? undefined : readStateFile(options.state);
  const users = kept?.directory.users as UserFacts | undefined;
  return { entra, report: reportOf(entra, { ...options, pages, ...(users === undefined ? {} : { users }) }) };
}

/**
 * Makes a `fetch` for a local Entra that was started with `tls: true`. It trusts the certificate of this package alone.
 *
 * @param origin `https://127.0.0.1:8484`
 */
export function localFetch(origin: string): typeof globalThis.fetch {
  return tlsFetch(origin, localhostCertificate.cert);
}
