import type { AuthContext } from '../caller/auth-context.js';
import type { RevocationJudge } from '../revocation/judge.js';
import type { Identification } from './identification.js';

/**
 * Refuses callers whose access was revoked, where the validator does not: it is of another maker, or was built without the
 * revocations that the guard was given.
 */
export function revocable(identification: Identification, judge: RevocationJudge): Identification {
  const { readCredential, hasTokens, admit: looksAt } = identification;
  const versions = new WeakMap<AuthContext, number | undefined>();
  const admit = (auth: AuthContext): AuthContext => {
    if (hasTokens && !versions.has(auth)) judge.assertLifetime(auth.claims, auth);
    versions.set(auth, judge.judge(auth, versions.get(auth)));
    return auth;
  };
  return {
    readCredential,
    hasTokens,
    get notesTokens() {
      return identification.notesTokens;
    },
    read(request) {
      const caller = identification.read(request);
      return typeof caller === 'string' ? caller : admit(caller);
    },
    async validate(credential) {
      return admit(await identification.validate(credential));
    },
    ...(looksAt === undefined ? {} : { admit: looksAt }),
  };
}
