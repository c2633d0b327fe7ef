import { sorted } from './canonical.js';
import type { RequirementNode } from './node.js';

/** Lists the optional claims that a requirement is judged by, sorted, each once (Entra: optional claims reference). */
export function optionalClaims(node: RequirementNode): readonly string[] {
  return sorted(claimsIn(node));
}

function claimsIn(node: RequirementNode): readonly string[] {
  switch (node.kind) {
    case 'anyOf':
    case 'allOf':
      return node.of.flatMap(claimsIn);
    case 'members':
      return ['acct'];
    case 'noAgents':
      return ['xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct'];
    case 'authContext':
      return ['acrs', 'xms_cc'];
    case 'signedInWithin':
      return ['auth_time'];
    default:
      return [];
  }
}
