import { apart, kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY } from './outcome.js';

export interface AnonymousNode {
  readonly kind: 'anonymous';
}

export const anonymous = kind<AnonymousNode, 'anonymous', []>({
  name: 'anonymous',
  role: 'anonymous',
  callers: 'both',
  claims: [],
  build: () => ({ kind: 'anonymous' }),
  print: () => '',
  parse: () => [],
  read: () => [],
  judge: () => GRANTED_FREELY,
  scopes: NO_SCOPES,
  together: apart,
});
