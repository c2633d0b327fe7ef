import { createHash } from 'node:crypto';
import { ConfigurationError, createValidator, ownOptions, type ValidatorOptions } from '@entra-guard/core';
import { decideMatched } from '../decide.js';
import { HostTable } from '../match/host.js';
import { type HostedApp, matchRequest } from '../match/policy-matcher.js';
import type { Policy, PolicyApp } from '../policy.js';
import { PolicyError, type PolicyProblem } from '../policy-error.js';
import type { PolicyCaller } from '../tables/caller.js';
import { warningsOf } from '../warnings.js';
import { parseYaml } from './parse-yaml.js';
import { policyShape, type ReadPolicy } from './policy-shape.js';
import { readApp } from './read-app.js';
import { pathNextTo, type ReadCatalogue, readCatalogue, readLocalFile } from './read-catalogue.js';
import { readTest, wrongCaller } from './read-tests.js';
import { BAD, Reading } from './reading.js';
import { replaceVariables, type Variables } from './variables.js';

/** Options of {@link readPolicy}. */
export interface ReadPolicyOptions {
  /** The file's name, for errors, and to find the catalogue next to it. Default `entra-guard.yaml`. */
  readonly file?: string;
  /** What `${NAME}` is replaced with. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Reads the catalogue's file. Default: from this machine's disk, as UTF-8. */
  readonly readFile?: (path: string) => string;
}

/**
 * Reads a policy: YAML 1.2 or JSON, `version: 1`. Strict: what it does not know, it refuses.
 *
 * ```ts
 * const policy = readPolicy(readFileSync('entra-guard.yaml', 'utf8'), { file: 'entra-guard.yaml' });
 * policy.decide({ host: 'orders.contoso.example', method: 'GET', path: '/orders/42', auth });
 * ```
 *
 * @throws PolicyError with file, line and column, what was found and what was expected, of everything that is wrong
 */
export function readPolicy(text: string, options: ReadPolicyOptions = {}): Policy {
  const {
    file = 'entra-guard.yaml',
    env = process.env,
    readFile = readLocalFile,
  } = ownOptions('readPolicy()', options, OPTIONS);
  for (const name of Object.keys(options)) {
    if (OPTIONS.includes(name)) continue;
    throw new ConfigurationError(
      `readPolicy() does not know the option '${name}'.`,
      `Known: ${OPTIONS.join(', ')}.`,
    );
  }
  if (typeof text !== 'string') {
    throw new ConfigurationError(
      `readPolicy() was given ${text === null ? 'null' : typeof text} instead of text.`,
      "Pass the file's text: readFileSync(file, 'utf8').",
    );
  }
  const reading = new Reading(file, text);
  const read = readShape(reading, env);
  if (read === undefined) throw failed(reading.problems);
  const catalogue = catalogueOf(read, { reading, env, readFile });
  const entra = checkedEntra(read, reading);
  const hosts = new HostTable<HostedApp>();
  const apps = [...read.apps].map(([name, app]) =>
    readApp(name, app, { reading, hosts, permissions: catalogue?.permissions }),
  );
  const callers = readCallers(read, reading);
  const hostNames = apps.flatMap((app) => (app === BAD ? [] : app.hosts));
  const tests = (read.tests ?? []).map((test) => readTest(test, { callers, hostNames, reading }));
  const problems = [...reading.problems, ...(catalogue?.reading.problems ?? [])];
  if (problems.length > 0) throw failed(problems);
  const policy: Omit<Policy, 'warnings'> = {
    version: 1,
    digest: digestOf(text, catalogue?.reading.text),
    file,
    entra,
    settings: Object.freeze({
      ...(read.explain === undefined ? {} : { explain: read.explain }),
      ...(read.auditClaims === undefined ? {} : { auditClaims: read.auditClaims }),
    }),
    catalogue: catalogue?.permissions?.catalogue,
    publicOrigin: read.publicOrigin,
    assertion: Object.freeze({ ...read.assertion }),
    sessions: sessionsOf(read),
    apps: Object.freeze(apps as PolicyApp[]),
    callers,
    tests: Object.freeze(tests.filter((test) => test !== BAD)),
    match: (request) => matchRequest(hosts, request),
    decide: (question) => decideMatched(matchRequest(hosts, question), question),
  };
  return Object.freeze({ ...policy, warnings: warningsOf(policy, writtenSecrets(read)) });
}

const OPTIONS: readonly string[] = ['file', 'env', 'readFile'];

function failed(problems: readonly PolicyProblem[]): PolicyError {
  return new PolicyError(problems as readonly [PolicyProblem, ...PolicyProblem[]]);
}

function readShape(reading: Reading, env: Variables): ReadPolicy | undefined {
  const tree = parseYaml(reading);
  if (tree === undefined || reading.failed) return undefined;
  const node = replaceVariables(tree, env, reading);
  if (reading.failed) return undefined;
  const read = policyShape.read(node, reading);
  return read === BAD || reading.failed ? undefined : read;
}

interface CataloguePlace {
  readonly reading: Reading;
  readonly env: Variables;
  readonly readFile: (path: string) => string;
}

function catalogueOf({ catalogue }: ReadPolicy, place: CataloguePlace): ReadCatalogue | undefined {
  if (catalogue === undefined) return undefined;
  const { reading, env, readFile } = place;
  const path = pathNextTo(reading.file, catalogue.value);
  let text: unknown;
  try {
    text = readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'does not exist' : `can't be read${code === undefined ? '' : ` (${code})`}`;
    reading.note(catalogue.node, `a file that ${why}`, 'a file with a definition of permissions');
    return undefined;
  }
  if (typeof text === 'string') return readCatalogue(path, text, env);
  reading.note(catalogue.node, 'a file without text', 'a file with a definition of permissions');
  return undefined;
}

/** Has the core judge the options, which reaches no network. */
function checkedEntra({ entra }: ReadPolicy, reading: Reading): Policy['entra'] {
  const list: readonly ValidatorOptions[] = Array.isArray(entra.value) ? entra.value : [entra.value];
  try {
    createValidator(list.map((one) => ({ ...one, fetch: unreachable, log: false }))).close();
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    reading.note(entra.node, error.problem.replace(/\.$/, ''), error.hint.replace(/\.$/, ''));
  }
  return entra.value;
}

const unreachable = (): Promise<never> => Promise.reject(new Error('A policy is read without a network.'));

function readCallers({ callers }: ReadPolicy, reading: Reading): ReadonlyMap<string, PolicyCaller> {
  for (const { value, node } of callers?.values() ?? []) {
    const wrong = wrongCaller(value);
    if (wrong !== undefined) reading.note(node, wrong.found, wrong.expected);
  }
  return new Map([...(callers ?? [])].map(([name, { value }]) => [name, value]));
}

function sessionsOf({ sessions }: ReadPolicy): Policy['sessions'] {
  if (sessions === undefined) return undefined;
  const { keys, ...rest } = sessions;
  return Object.freeze({
    ...rest,
    ...(keys === undefined ? {} : { keys: keys.map(({ id, secret }) => ({ id, secret: secret.value })) }),
  });
}

/** The members that hold a secret which is written into the file. */
function writtenSecrets({ apps, sessions }: ReadPolicy): readonly string[] {
  const secrets = [
    ...(sessions?.keys ?? []).map(({ secret }) => secret.node),
    ...[...apps.values()].map(({ value: { signIn } }) =>
      typeof signIn === 'object' ? signIn.credential?.secret?.node : undefined,
    ),
  ];
  return secrets.flatMap((node) =>
    node?.kind === 'text' && node.written === undefined ? [node.member] : [],
  );
}

function digestOf(text: string, catalogue = ''): string {
  return createHash('sha256').update(text).update('\0').update(catalogue).digest('hex').slice(0, 12);
}
