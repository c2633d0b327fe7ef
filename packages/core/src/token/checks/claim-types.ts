import type { JsonObject } from '../../base/json-object.js';
import { type Refusal, shown } from '../../base/refusal.js';

/**
 * Claims that decide have the type Entra gives them; anything else is not from Entra, and is not guessed at. Each is named
 * where it is read: to look members up by a name in a variable takes several times as long.
 *
 * @param wellFormed whether no string among them can hold half a character
 */
export function checkClaimTypes(claims: JsonObject, wellFormed = false): Refusal | undefined {
  return (
    checkText('iss', claims.iss, wellFormed) ??
    checkText('sub', claims.sub, wellFormed) ??
    checkText('tid', claims.tid, wellFormed) ??
    checkText('oid', claims.oid, wellFormed) ??
    checkText('azp', claims.azp, wellFormed) ??
    checkText('appid', claims.appid, wellFormed) ??
    checkText('scp', claims.scp, wellFormed) ??
    checkText('idtyp', claims.idtyp, wellFormed) ??
    checkText('uti', claims.uti, wellFormed) ??
    checkText('ver', claims.ver, wellFormed) ??
    checkText('tfp', claims.tfp, wellFormed) ??
    checkText('acr', claims.acr, wellFormed) ??
    checkText('xms_act_fct', claims.xms_act_fct, wellFormed) ??
    checkText('xms_sub_fct', claims.xms_sub_fct, wellFormed) ??
    checkText('xms_par_app_azp', claims.xms_par_app_azp, wellFormed) ??
    checkTexts('roles', claims.roles, wellFormed) ??
    checkTexts('groups', claims.groups, wellFormed) ??
    checkTexts('acrs', claims.acrs, wellFormed) ??
    checkTexts('xms_cc', claims.xms_cc, wellFormed)
  );
}

function checkText(name: string, value: unknown, wellFormed: boolean): Refusal | undefined {
  return value === undefined || isText(value, wellFormed) ? undefined : wrongType(name, value, 'a string');
}

function checkTexts(name: string, value: unknown, wellFormed: boolean): Refusal | undefined {
  if (value === undefined) return undefined;
  const holds = Array.isArray(value) && value.every((item) => isText(item, wellFormed));
  return holds ? undefined : wrongType(name, value, 'a list of strings');
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
