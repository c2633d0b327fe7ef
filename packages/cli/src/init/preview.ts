import { patchOf, styledPatch } from '@entra-guard/codemod/plan';
import { harmless, printable } from '../output/printable.js';
import type { Session } from '../session.js';
import type { InitPlan } from './plan/init-plan.js';

/** Shows a plan before it is applied: the changes as a patch on standard output, the rest on standard error. */
export function preview({ stdout, stderr, style, errorStyle }: Session, plan: InitPlan): void {
  stderr.write(`${errorStyle.bold('Found:')} ${printable(plan.found)}.\n`);
  for (const { path, before = '', after } of plan.changes) {
    stdout.write(`${styledPatch(harmless(patchOf(path, before, after)), style)}`);
  }
  for (const note of plan.notes) stderr.write(`${errorStyle.faint('note:')} ${printable(note)}\n`);
  for (const one of plan.byHand) stderr.write(`${errorStyle.warning('by hand:')} ${printable(one)}\n`);
}
