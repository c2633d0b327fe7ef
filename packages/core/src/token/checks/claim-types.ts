import { type Refusal, shown } from '../../base/refusal.js';
import type { Look } from './look.js';

/**
 * Refuses claims whose type is not Entra's. Reads each claim by name, because a loop over names takes several times as
 * long. The check `issuer` refuses a missing issuer.
 */
export function checkClaimTypes({ claims, claimsAreFit }: Look): Refusal | undefined {
  return (
    checkText('sub', claims.sub) ??
    checkText('tid', claims.tid) ??
    checkText('oid', claims.oid) ??
    checkText('azp', claims.azp) ??
    checkText('appid', claims.appid) ??
    checkText('scp', claims.scp) ??
    checkText('idtyp', claims.idtyp) ??
    checkText('uti', claims.uti) ??
    checkText('ver', claims.ver) ??
    checkText('tfp', claims.tfp) ??
    checkText('acr', claims.acr) ??
    checkText('xms_act_fct', claims.xms_act_fct) ??
    checkText('xms_sub_fct', claims.xms_sub_fct) ??
    checkText('xms_par_app_azp', claims.xms_par_app_azp) ??
    checkTexts('roles', claims.roles) ??
    checkTexts('groups', claims.groups) ??
    checkTexts('acrs', claims.acrs) ??
    checkTexts('xms_cc', claims.xms_cc) ??
    (claimsAreFit ? undefined : unfitClaims())
  );
}

function checkText(name: string, value: unknown): Refusal | undefined {
  return value === undefined || typeof value === 'string' ? undefined : wrongType(name, value, 'a string');
}

function checkTexts(name: string, value: unknown): Refusal | undefined {
  if (value === undefined) return undefined;
  const holds = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return holds ? undefined : wrongType(name, value, 'a list of strings');
}

/** Returns the refusal of claims that could confuse an application which stores or compares them. */
function unfitClaims(): Refusal {
  return {
    code: 'token_malformed',
    subject: 'claims',
    found: 'nesting deeper than 32 levels, or text that is not well-formed',
    expected: 'claims as Entra issues them',
    hint: 'Look for a claims-mapping policy or a claims provider that adds such values.',
  };
}

function wrongType(name: string, value: unknown, expected: string): Refusal {
  return {
    code: 'token_malformed',
    subject: `claim ${name}`,
    found: shown(value),
    expected,
    hint: 'Entra issues this claim with another type. Look for a claims-mapping policy, or find out who made this token.',
  };
}
