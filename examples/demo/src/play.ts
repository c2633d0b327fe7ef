import { type DecisionEvent, onEvent, type Problem } from '@entra-guard/express';
import { type Answer, ask } from './ask.js';
import type { Expected, Scene } from './scenes.js';
import type { Stage } from './stage.js';

/** The result of one scene. */
export interface Played {
  readonly scene: Scene;
  /** One number if both APIs agree, otherwise those of Express and NestJS. */
  readonly status: string;
  /** Why it was refused, from the answer, or why it was allowed, from the audit event. */
  readonly reason: string;
  /** Whether both APIs gave the expected answer. */
  readonly asExpected: boolean;
}

/** Sends every request to both APIs, one after the other. */
export async function play({ express, nest }: Stage, scenes: readonly Scene[]): Promise<readonly Played[]> {
  let decision: DecisionEvent | undefined;
  const stop = onEvent(
    (event) => {
      decision = event;
    },
    { types: ['decision'] },
  );
  const played: Played[] = [];
  for (const scene of scenes) {
    const byExpress = await ask(express, scene.request);
    const reason = reasonOf(byExpress, decision);
    const byNest = await ask(nest, scene.request);
    played.push(verdict(scene, byExpress, byNest, reason));
  }
  stop();
  return played;
}

function verdict(scene: Scene, express: Answer, nest: Answer, reason: string): Played {
  const status = [...new Set([express.status, nest.status])].join('/');
  const expected = inShort(scene.expected);
  const [byExpress, byNest] = [inShort(essence(express)), inShort(essence(nest))];
  if (byExpress === expected && byNest === expected) return { scene, status, reason, asExpected: true };
  const wrong = `Expected ${expected}; Express gave ${byExpress}, NestJS ${byNest}.`;
  return { scene, status, reason: wrong, asExpected: false };
}

/** Returns the parts of an answer that are compared. */
function essence(answer: Answer): Expected {
  const code = problemOf(answer)?.code;
  const [, error] = /error="([^"]+)"/.exec(answer.challenge) ?? [];
  return {
    status: answer.status,
    ...(code === undefined ? {} : { code }),
    ...(error === undefined ? {} : { error }),
  };
}

function inShort({ status, code, error }: Expected): string {
  return [status, code, error].filter((part) => part !== undefined).join(' ');
}

function reasonOf(answer: Answer, decision: DecisionEvent | undefined): string {
  const problem = problemOf(answer);
  if (problem === undefined) return ['Allowed', ...(decision?.reasons ?? [])].join(': ');
  const { code, detail = '', enough = {} } = problem;
  // If a new sign-in is needed, the caller may have all permissions that are required.
  if (code !== 'scope_missing' && code !== 'role_missing') return detail;
  const needs = [
    ...(enough.scopes ?? []).map((scope) => `scope ${scope.slice(scope.lastIndexOf('/') + 1)}`),
    ...(enough.userRoles ?? []).map((role) => `role ${role}`),
    ...(enough.appPermissions ?? []).map((role) => `application permission ${role}`),
  ];
  return `Needs ${needs.join(' and ')}.`;
}

/** Parses the body of a refusal (RFC 9457). */
function problemOf({ status, body }: Answer): Partial<Problem> | undefined {
  return status >= 400 && body.startsWith('{') ? (JSON.parse(body) as Partial<Problem>) : undefined;
}
