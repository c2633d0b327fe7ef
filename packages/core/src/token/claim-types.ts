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

/** Claims that decide have the type Entra gives them; anything else is not from Entra, and is not guessed at. */
export function checkClaimTypes(claims: JsonObject): Refusal | undefined {
  for (const name of STRINGS) {
    const value = claims[name];
    if (value !== undefined && (typeof value !== 'string' || !value.isWellFormed())) {
      return wrongType(name, value, 'a string');
    }
  }
  for (const name of LISTS) {
    const value = claims[name];
    if (value !== undefined && !isStringList(value)) return wrongType(name, value, 'a list of strings');
  }
  return undefined;
}

function isStringList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item.isWellFormed());
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
