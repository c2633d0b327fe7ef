import { guidOf } from './guid.js';

/** A delegated permission grant: `oauth2PermissionGrant` of Microsoft Graph. */
export interface Consent {
  readonly id: string;
  /** Client ID of the app that may act for users. */
  readonly clientId: string;
  /** Client ID of the API. */
  readonly resourceId: string;
  /** Object ID of the user who consented. `undefined`: an administrator did, for all users. */
  readonly principalId: string | undefined;
  readonly scopes: ReadonlySet<string>;
}

/** Which app may do what, and for whom. */
export type ConsentSubject = Pick<Consent, 'clientId' | 'resourceId' | 'principalId'>;

/** What users and administrators have consented to. Each app, API and user has one entry. */
export class Consents {
  readonly #consents = new Map<string, Consent>();

  list(): readonly Consent[] {
    return [...this.#consents.values()];
  }

  /** Adds scopes to what was consented to before. */
  grant(subject: ConsentSubject, scopes: Iterable<string>): Consent {
    const id = idOf(subject);
    const before = this.#consents.get(id)?.scopes ?? [];
    const consent: Consent = { ...subject, id, scopes: new Set([...before, ...scopes]) };
    this.#consents.set(id, consent);
    return consent;
  }

  /** Takes a consent back. @returns whether there was one */
  revoke(id: string): boolean {
    return this.#consents.delete(id);
  }

  /** Returns the scopes that the app has for the user, by the user's own consent or for all users. */
  scopesFor(subject: ConsentSubject): ReadonlySet<string> {
    const ids = [idOf(subject), idOf({ ...subject, principalId: undefined })];
    return new Set(ids.flatMap((id) => [...(this.#consents.get(id)?.scopes ?? [])]));
  }
}

function idOf({ clientId, resourceId, principalId = 'all' }: ConsentSubject): string {
  return guidOf('consent', `${clientId} ${resourceId} ${principalId}`);
}
