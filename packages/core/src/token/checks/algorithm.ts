import { type Refusal, shown } from '../../base/refusal.js';
import type { Look } from './look.js';

/** Refuses an algorithm that is not in the option `algorithms`. The token never selects it (RFC 8725 section 3.1). */
export function checkAlgorithm({ header, authority }: Look): Refusal | undefined {
  const { alg } = header;
  const allowed: readonly string[] = authority.settings.algorithms;
  if (typeof alg === 'string' && allowed.includes(alg)) return undefined;
  return {
    code: 'algorithm_not_allowed',
    subject: 'algorithm (alg)',
    found: shown(alg),
    expected: allowed.join(' or '),
    hint:
      alg === 'none' || (typeof alg === 'string' && alg.startsWith('HS'))
        ? 'Entra never issues such tokens: this one was forged.'
        : 'Entra signs access tokens with RS256. If yours are signed otherwise on purpose, set the algorithms option.',
  };
}
