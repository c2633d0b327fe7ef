import type { DecisionPlace } from '../audit/decision-place.js';
import type { LogEntry } from '../base/log.js';
import { isAgentInvolved } from '../caller/agent-involved.js';
import type { AuthContext } from '../caller/auth-context.js';
import { asksForAgents } from '../requirements/kinds.js';
import type { Requirement } from '../requirements/requirement.js';

/** Warns once, when a requirement about AI agents is first judged for a token that tells nothing of them. */
export class AgentNotices {
  readonly #warn: (entry: Omit<LogEntry, 'level'>) => void;
  #told = false;

  constructor(warn: (entry: Omit<LogEntry, 'level'>) => void) {
    this.#warn = warn;
  }

  tell({ node }: Requirement, auth: AuthContext, { handler }: DecisionPlace): void {
    if (this.#told || isAgentInvolved(auth) !== undefined || !asksForAgents(node)) return;
    this.#told = true;
    this.#warn({
      event: 'configuration',
      message:
        'The tokens of this API do not say whether an AI agent is involved, so that each of their callers counts as an agent, unless a requirement says otherwise.',
      hint: "Add the optional claims 'xms_act_fct', 'xms_sub_fct' and 'xms_par_app_azp' to the API's access tokens; `entra-guard manifest` prints them.",
      ...(handler === undefined ? {} : { handler }),
    });
  }
}
