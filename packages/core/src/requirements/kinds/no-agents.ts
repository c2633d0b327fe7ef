import { apart, kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, refused } from './outcome.js';
import { type Unknown, unknownOption } from './values.js';

export interface NoAgentsNode {
  readonly kind: 'noAgents';
  readonly unknown: Unknown;
}

export const noAgents = kind<NoAgentsNode, 'narrowing', [{ readonly unknown?: Unknown }]>({
  name: 'noAgents',
  role: 'narrowing',
  callers: 'both',
  claims: ['xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct'],
  build: (options) => ({ kind: 'noAgents', unknown: unknownOption('noAgents', options) }),
  print: ({ unknown }) => (unknown === 'allow' ? "{ unknown: 'allow' }" : ''),
  parse: (printed) => [printed.options()],
  read: (members) => [{ unknown: (members.text('unknown') ?? 'deny') as Unknown }],
  judge: ({ unknown }, { auth }) => {
    const { actor, subject } = auth.agent ?? { actor: undefined, subject: undefined };
    if (actor === true || subject === true) {
      return refused('agent_not_allowed', 'a caller without an AI agent', 'AI agents may not do this.');
    }
    if ((actor === false && subject === false) || unknown === 'allow') return GRANTED_FREELY;
    return refused(
      'agent_not_allowed',
      "the claims 'xms_act_fct' and 'xms_sub_fct'",
      "The token does not say whether an AI agent is involved. Add the optional claims 'xms_act_fct', 'xms_sub_fct' and 'xms_par_app_azp' to the API's access tokens, or use noAgents({ unknown: 'allow' }).",
      'xms_act_fct',
    );
  },
  scopes: NO_SCOPES,
  together: apart,
});
