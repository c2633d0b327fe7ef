import type { JsonObject } from './json-object.js';
import { type Refusal, shown } from './refusal.js';

const STRINGS = [
  'iss',
  'sub',
  'tid',
  'oid',
  'azp',
  'appid',
  'scp',
  'idtyp',
  'uti',
  'ver',
  'tfp',
  'acr',
  'xms_act_fct',
  'xms_sub_fct',
  'xms_par_app_azp',
] as const;
const LISTS = ['roles', 'groups', 'acrs', 'xms_cc'] as const;

/**
 * Claims that decide have the type Entra gives them; anything else is not from Entra, and is not guessed at.
 *
 * @param wellFormed whether no string among them can hold half a character
 */
export function checkClaimTypes(claims: JsonObject, wellFormed = false): Refusal | undefined {
  for (const name of STRINGS) {
    const value = claims[name];
    if (value !== undefined && !isText(value, wellFormed)) return wrongType(name, value, 'a string');
  }
  for (const name of LISTS) {
    const value = claims[name];
    if (value === undefined) continue;
    if (!Array.isArray(value) || !value.every((item) => isText(item, wellFormed))) {
      return wrongType(name, value, 'a list of strings');
    }
  }
  return undefined;
}

function isText(value: unknown, wellFormed: boolean): boolean {
  return typeof value === 'string' && (wellFormed || value.isWellFormed());
}

function wrongType(name: string, value: unknown, expected: string): Refusal {
  return {
    code: 'token_malformed',
    subject: `claim ${name}`,
    found: shown(value),
    expected,
    hint: 'Entra issues this claim with another type. Look for a claims-mapping policy, or for who made this token.',
  };
}
