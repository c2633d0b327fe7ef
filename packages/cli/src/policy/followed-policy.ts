import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Policy } from '@entra-guard/proxy/policy';
import { printable } from '../output/printable.js';
import type { Session } from '../session.js';
import { loadPolicy, problemsOf } from './policy-file.js';

/** What decides by a policy, and takes another one. */
export interface Deciding {
  use(policy: Policy): void;
}

/** How often a file is looked at, in milliseconds. ConfigMaps change a link, which no event tells of. */
const LOOK_MS = 2_000;

/** Reads the policy again, and keeps the earlier one where the new one can't be used. */
export function reload(session: Session, deciding: Deciding, file: string): void {
  const { stderr } = session;
  try {
    const policy = loadPolicy(session, file);
    deciding.use(policy);
    stderr.write(`Decides by version ${policy.digest} now.\n`);
  } catch (error) {
    const why =
      problemsOf(error)?.length === undefined ? '' : ' It has problems: entra-guard policy validate.';
    stderr.write(
      `The policy can't be used, and the earlier one stays.${why} ${printable((error as Error).message)}\n`,
    );
  }
}

/**
 * Reads the policy again on SIGHUP, and when its text has changed.
 *
 * @returns ends that
 */
export function followPolicy(session: Session, deciding: Deciding, file: string): () => void {
  let known = digestOf(session, file);
  const again = (): void => {
    known = digestOf(session, file);
    reload(session, deciding, file);
  };
  const timer = setInterval(() => {
    // A file that is being written is there again a moment later.
    const found = digestOf(session, file);
    if (found !== undefined && found !== known) again();
  }, LOOK_MS);
  timer.unref();
  const stop = session.onReload?.(again);
  return () => {
    clearInterval(timer);
    stop?.();
  };
}

function digestOf({ cwd }: Session, file: string): string | undefined {
  try {
    return createHash('sha256')
      .update(readFileSync(resolve(cwd, file)))
      .digest('hex');
  } catch {
    return undefined;
  }
}
