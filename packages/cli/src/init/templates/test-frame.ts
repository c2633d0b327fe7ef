import type { TestRunner } from '../recognise/test-runner.js';

/** How a test is written for a runner. */
export interface TestFrame {
  /** Lines above all imports. */
  readonly top: string;
  /** The import that gives `test`; empty where it is global. */
  readonly importsTest: string;
}

/**
 * @param jsdom whether the runner's default environment may be that of a browser, in which no local Entra starts
 * @param globals whether `test` is declared as a global
 */
export function testFrame(runner: TestRunner, jsdom: boolean, globals: boolean): TestFrame {
  if (runner === 'vitest') {
    return {
      top: jsdom ? '// @vitest-environment node\n' : '',
      importsTest: "import { test } from 'vitest';\n",
    };
  }
  if (runner === 'node') return { top: '', importsTest: "import { test } from 'node:test';\n" };
  return {
    top: jsdom ? '/** @jest-environment node */\n' : '',
    importsTest: globals ? '' : "import { test } from '@jest/globals';\n",
  };
}
