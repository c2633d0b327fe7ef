import { type AppOnly, appOnlyClaims } from './app-only-token.js';
import { type Delegated, delegatedClaims } from './delegated-token.js';
import type { Mint } from './token-envelope.js';

/** Makes the claims of an agent that acts as itself: an app-only token with a `scp` that grants nothing. */
export function autonomousAgentClaims(
  mint: Mint,
  token: AppOnly,
  blueprintId: string,
): Record<string, unknown> {
  return {
    ...appOnlyClaims(mint, token),
    idtyp: 'app',
    scp: '/',
    xms_act_fct: '3 9 11',
    xms_ftd: 'local',
    xms_idrel: '7 10',
    xms_par_app_azp: blueprintId,
    xms_sub_fct: '9 3 11',
    xms_tnt_fct: '3 9',
  };
}

/** Makes the claims of an agent that acts for a user: the actor has facet 11, the subject does not. */
export function agentForHumanClaims(
  mint: Mint,
  token: Delegated,
  blueprintId: string,
): Record<string, unknown> {
  return {
    ...delegatedClaims(mint, token),
    idtyp: 'user',
    xms_act_fct: '11 9 3',
    xms_idrel: '1 8',
    xms_par_app_azp: blueprintId,
    xms_sub_fct: '2 3',
    xms_tnt_fct: '3 8',
  };
}

/** Makes the claims of a client that identifies by the URL of its metadata: an agent that acts for a user, without a blueprint. */
export function metadataClientClaims(mint: Mint, token: Delegated): Record<string, unknown> {
  const { xms_par_app_azp: _, ...claims } = agentForHumanClaims(mint, token, '');
  return claims;
}

/** Makes the claims of an agent that acts through its user account: `idtyp` is `user`, the subject has facet 13. */
export function agentUserClaims(mint: Mint, token: Delegated, blueprintId: string): Record<string, unknown> {
  return {
    ...delegatedClaims(mint, token),
    idtyp: 'user',
    xms_act_fct: '11 3',
    xms_idrel: '1 16',
    xms_par_app_azp: blueprintId,
    xms_sub_fct: '3 13',
    xms_tnt_fct: '3 9',
  };
}
