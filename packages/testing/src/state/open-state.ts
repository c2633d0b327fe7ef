import { KeyRing } from '../keys/key-ring.js';
import { type Directory, restore, snapshotOf } from './kept-directory.js';
import { type Digests, digestsOf, mergeSnapshots } from './merge-snapshots.js';
import { stateRefused } from './private-file.js';
import { readStateFile, STATE_VERSION, type StateFile, writeStateFile } from './state-file.js';

/** The state of one local Entra, kept in a file between runs. */
export interface KeptState {
  /** The signing keys of the last run; new ones in the first. */
  readonly keys: KeyRing;
  /** Brings the directory to what was kept, and writes the file. */
  begin(directory: Directory, origin: string): void;
  /** Writes the file if something has changed. A failure is a warning of the process: requests are answered all the same. */
  save(): void;
  /**
   * Writes the file if something has changed.
   * @throws {LocalEntraError} `state_refused`
   */
  end(): void;
}

/**
 * Opens a file for the state, which need not exist.
 * @throws {LocalEntraError} `state_refused`
 */
export async function openState(path: string): Promise<KeptState> {
  const stored = readStateFile(path);
  const keys = stored === undefined ? await KeyRing.create() : keysOf(path, stored);
  let current: (() => StateFile) | undefined;
  let written = '';
  const end = () => {
    if (current === undefined) return;
    const state = current();
    const text = JSON.stringify(state);
    if (text === written) return;
    writeStateFile(path, state);
    written = text;
  };
  return {
    keys,
    begin: (directory, origin) => {
      const configured = snapshotOf(directory);
      const declared: Digests = digestsOf(configured);
      if (stored !== undefined) {
        restore(directory, mergeSnapshots(configured, stored.declared, stored.directory));
      }
      current = () => ({
        version: STATE_VERSION,
        origin,
        keys: keys.pems,
        declared,
        directory: snapshotOf(directory),
      });
      end();
    },
    save: () => {
      try {
        end();
      } catch (error) {
        process.emitWarning(error as Error);
      }
    },
    end,
  };
}

function keysOf(path: string, { keys }: StateFile): KeyRing {
  try {
    return KeyRing.of(keys);
  } catch {
    throw stateRefused(`${path} is damaged: its keys can't be read. Delete it to begin anew.`);
  }
}
