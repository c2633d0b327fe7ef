import type { JsonObject } from '../base/json-object.js';
import type { AgentFacts } from './auth-context.js';

const AGENT_IDENTITY = 11;
const AGENT_USER = 13;

/** Reads space-separated integers in any order, including unknown ones; `undefined` for anything else. */
function facets(value: unknown): ReadonlySet<number> | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = value.split(' ').filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => /^[0-9]{1,9}$/.test(part))
    ? new Set(parts.map(Number))
    : undefined;
}

/** Returns what the token says about AI agents (Entra Agent ID: agent token claims); `undefined` if it says nothing. */
export function agentFacts(claims: JsonObject): AgentFacts | undefined {
  const actor = facets(claims.xms_act_fct);
  const subject = facets(claims.xms_sub_fct);
  const parent = claims.xms_par_app_azp;
  const blueprintId = typeof parent === 'string' && parent !== '' ? parent.toLowerCase() : undefined;
  if (actor === undefined && subject === undefined && blueprintId === undefined) return undefined;
  return Object.freeze({
    actor: blueprintId !== undefined ? true : actor?.has(AGENT_IDENTITY),
    subject: subject && (subject.has(AGENT_IDENTITY) || subject.has(AGENT_USER)),
    blueprintId,
  });
}
