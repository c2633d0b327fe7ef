import { apart, kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY } from './outcome.js';

export interface AppOnlyNode {
  readonly kind: 'appOnly';
}

export const appOnly = kind<AppOnlyNode, 'narrowing', []>({
  name: 'appOnly',
  role: 'narrowing',
  callers: 'app',
  claims: [],
  build: () => ({ kind: 'appOnly' }),
  print: () => '',
  parse: () => [],
  read: () => [],
  judge: (_, { auth }) => {
    if (auth.kind === 'app') return GRANTED_FREELY;
    return denied({}, DISTANCE.otherKind, {
      code: 'caller_kind_not_allowed',
      missing: Object.freeze(['an app without a user']),
      hint: 'Only app-only tokens (client credentials or a managed identity) may do this.',
    });
  },
  scopes: NO_SCOPES,
  together: apart,
});
