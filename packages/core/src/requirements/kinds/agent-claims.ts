import { type Outcome, refused } from './outcome.js';

/** The optional claims that tell about AI agents (Entra Agent ID: agent token claims). */
export const AGENT_CLAIMS = ['xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct'] as const;

/** Refuses since the token does not say what has to be known of AI agents. */
export function agentsUnknown(instead: string): Outcome {
  return refused(
    'agent_not_allowed',
    "the claims 'xms_act_fct' and 'xms_sub_fct'",
    `The token does not say whether an AI agent is involved. Add the optional claims 'xms_act_fct', 'xms_sub_fct' and 'xms_par_app_azp' to the API's access tokens${instead}.`,
    'xms_act_fct',
  );
}
