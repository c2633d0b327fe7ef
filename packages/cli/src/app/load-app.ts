import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { ApplicationManifest } from '@entra-guard/catalogue';
import { BadInputError } from '../bad-input.js';
import { isPolicyFile } from '../policy/policy-file.js';
import type { Session } from '../session.js';
import { applicationName } from './application-name.js';
import type { InspectedApp, InspectionAnswer, InspectionRequest, PathSettings } from './inspected-app.js';
import { answerIn } from './inspection-answer.js';
import { policyApp } from './policy-app.js';
import { reasonOf } from './reason-of.js';

/** Loading takes longer than this only where something waits for what never comes. */
const PATIENCE = 30_000;

/**
 * Loads an application in a process of its own, and takes its inventory; or that of a policy, which is only read.
 *
 * @param where a policy, `*.yaml`; or the module, and which export after `#`: `dist/app.js`, `dist/app.js#createApp`
 * @param catalogues further modules that export catalogues
 * @param patience milliseconds that loading may take
 * @param paths what stands before the paths of a Nest module
 * @throws BadInputError where it can't be loaded
 */
export async function loadApp(
  session: Session,
  where: string,
  catalogues: readonly string[] = [],
  patience: number = PATIENCE,
  paths: PathSettings = {},
): Promise<InspectedApp> {
  const [file = '', exportName] = where.split('#');
  if (isPolicyFile(where)) return policyApp(session, where, { catalogues, paths });
  const request: InspectionRequest = {
    question: randomUUID(),
    file: moduleAt(session, file),
    exportName,
    catalogues: catalogues.map((one) => moduleAt(session, one)),
    paths,
  };
  const app = await inspected(session, where, request, patience);
  return { ...app, name: applicationName(request.file, exportName) };
}

/**
 * Loads a module in a process of its own, and gives the manifests of its catalogues: of those that it exports, or else of the
 * application that it exports.
 *
 * @param where the module, and which export after `#`
 * @throws BadInputError where it can't be loaded, or has none
 */
export async function loadCatalogues(
  session: Session,
  where: string,
): Promise<readonly ApplicationManifest[]> {
  const [file = '', exportName] = where.split('#');
  const request: InspectionRequest = {
    question: randomUUID(),
    file: moduleAt(session, file),
    exportName,
    catalogues: [],
    paths: {},
    catalogueAlone: true,
  };
  const { manifests } = await inspected(session, where, request, PATIENCE);
  if (manifests.length > 0) return manifests;
  throw new BadInputError(
    `${where} has no catalogue: nothing in it was made with definePermissions.`,
    'Name the module that exports the catalogue, or a registration as JSON.',
  );
}

async function inspected(
  session: Session,
  where: string,
  request: InspectionRequest,
  patience: number,
): Promise<Omit<InspectedApp, 'name'>> {
  const { answer, ended } = await ask(session, request, patience);
  if (answer === undefined) {
    throw new BadInputError(
      `${where} ${ended}.`,
      'Give a module that only makes the application, or exports a function that does.',
    );
  }
  if ('problem' in answer) throw new BadInputError(answer.problem.message, answer.problem.hint);
  return answer.app;
}

function moduleAt({ cwd }: Session, file: string): string {
  const path = resolve(cwd, file);
  if (existsSync(path)) {
    try {
      // A folder stands for its main module.
      return createRequire(join(cwd, 'anywhere.js')).resolve(path);
    } catch {
      throw new BadInputError(`${path} holds no module.`, 'Name the file that exports the application.');
    }
  }
  throw new BadInputError(
    `There is no file ${path}.`,
    'Name the built module that exports the application: entra-guard inventory dist/app.js.',
  );
}

interface Outcome {
  readonly answer: InspectionAnswer | undefined;
  /** What became of it, where there is no answer. */
  readonly ended: string;
}

function ask(
  { cwd, env, inspector }: Session,
  request: InspectionRequest,
  patience: number,
): Promise<Outcome> {
  return new Promise((done) => {
    const child = fork(inspector, [], { cwd, env: { ...env }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    let answer: InspectionAnswer | undefined;
    let ended = '';
    const timer = setTimeout(() => {
      ended = `had not finished loading after ${patience / 1000} seconds`;
      child.kill('SIGKILL');
    }, patience);
    child.on('message', (message) => {
      answer ??= answerIn(message, request.question);
    });
    child.once('error', (error) => {
      ended ||= `could not be looked at: ${reasonOf(error)}`;
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      done({ answer, ended: ended || `ended the process (status ${code}) before it could be looked at` });
    });
    // Where the process is gone already, its end has been told.
    child.send(request, () => {});
  });
}
