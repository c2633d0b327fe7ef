import type { Project } from '../recognise/project.js';
import type { TestRunner } from '../recognise/test-runner.js';
import { type TestFrame, testFrame } from '../templates/test-frame.js';
import type { Place } from './place.js';
import type { addScripts } from './scripts.js';

/** Where the test goes, and how it is run. */
export interface TestPlan {
  readonly runner: TestRunner;
  /** Relative to the service. */
  readonly path: string;
  readonly frame: TestFrame;
  /** For package.json. */
  readonly script: string;
  /** What the runner needs in addition. */
  readonly development: readonly string[];
}

/** Plans a test next to the guard, named as the tests of the service are. */
export function testPlan(project: Project, { folder, style }: Place): TestPlan {
  const { manifest, sources, framework, testRunner: runner = 'node' } = project;
  const { dependencies } = manifest;
  const specs = sources.some(({ path }) => /\.spec\.[cm]?[jt]s$/.test(path));
  const path = `${folder}entra-guard.${specs || framework.name === 'nestjs' ? 'spec' : 'test'}.${style.extension}`;
  const jsdom = ['jest-environment-jsdom', 'jsdom', 'happy-dom'].some((name) => dependencies.has(name));
  const typed = style.language === 'ts';
  const frame = testFrame(runner, jsdom, !typed || dependencies.has('@types/jest'));
  const scripts: Readonly<Record<TestRunner, string>> = {
    jest: 'jest entra-guard',
    vitest: 'vitest run entra-guard',
    node: typed ? `node --import tsx --test ${path}` : `node --test ${path}`,
  };
  const development = typed ? ['@types/node', ...(runner === 'node' ? ['tsx'] : [])] : [];
  return { runner, path, frame, script: scripts[runner], development };
}

/**
 * The command that runs a test: by its script, unless that has to be added by hand.
 *
 * @param scripts what came of adding them
 */
export function testCommand(
  { packageManager }: Project,
  { script }: TestPlan,
  scripts: ReturnType<typeof addScripts>,
): string {
  if (typeof scripts !== 'string') return `${packageManager} run test:entra-guard`;
  return script.startsWith('node ') ? script : `npx ${script}`;
}
