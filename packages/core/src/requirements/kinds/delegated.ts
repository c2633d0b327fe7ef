import { apart, kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY } from './outcome.js';

export interface DelegatedNode {
  readonly kind: 'delegated';
}

export const delegated = kind<DelegatedNode, 'narrowing', []>({
  name: 'delegated',
  role: 'narrowing',
  callers: 'user',
  claims: [],
  build: () => ({ kind: 'delegated' }),
  print: () => '',
  parse: () => [],
  read: () => [],
  judge: (_, { auth }) => {
    if (auth.kind === 'user') return GRANTED_FREELY;
    return denied({}, DISTANCE.otherKind, {
      code: 'caller_kind_not_allowed',
      missing: Object.freeze(['a signed-in user']),
      hint: 'Only delegated tokens (a signed-in user) may do this.',
    });
  },
  scopes: NO_SCOPES,
  together: apart,
});
