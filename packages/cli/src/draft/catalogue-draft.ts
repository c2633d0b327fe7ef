import type { Registration } from '@entra-guard/catalogue';
import type { InspectedApp } from '../app/inspected-app.js';

/** One permission of a catalogue that is being begun. What is absent is for a person to say. */
export interface DraftPermission {
  readonly value: string;
  readonly id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enabled?: false;
}

/** The beginning of a catalogue. */
export interface CatalogueDraft {
  /** The package that the application uses, for the import. */
  readonly from: string;
  readonly api: string | undefined;
  readonly scopes: readonly (DraftPermission & { readonly consent: 'user' | 'admin' })[];
  readonly appRoles: readonly (DraftPermission & { readonly for: readonly ('user' | 'application')[] })[];
  readonly preAuthorized: readonly { readonly clientId: string; readonly scopes: readonly string[] }[];
}

/** All that a registration says. Permissions without a value are in no token, so they are left out. */
export function draftOfRegistration(registration: Registration): CatalogueDraft {
  const { clientId, identifierUris, permissions, preAuthorized } = registration;
  const all = permissions.filter(({ value }) => value !== '');
  const known = ({ id, value, title, description, enabled }: (typeof all)[number]): DraftPermission => ({
    value,
    id,
    ...(title === '' || title === value ? {} : { title }),
    ...(description === '' ? {} : { description }),
    ...(enabled ? {} : { enabled }),
  });
  const scopes = all.filter(({ kind }) => kind === 'scope');
  return {
    from: '@entra-guard/core',
    api: identifierUris[0] ?? `api://${clientId}`,
    scopes: scopes.map((scope) => ({ ...known(scope), consent: scope.who === 'User' ? 'user' : 'admin' })),
    appRoles: all
      .filter(({ kind }) => kind === 'app role')
      .map((role) => ({
        ...known(role),
        for: (['user', 'application'] as const).filter((holder) => role.who.toLowerCase().includes(holder)),
      })),
    preAuthorized: preAuthorized.flatMap((client) => {
      const values = scopes.filter(({ id }) => client.permissionIds.includes(id)).map(({ value }) => value);
      return values.length === 0 ? [] : [{ clientId: client.clientId, scopes: values }];
    }),
  };
}

/** What the handlers of an application require. */
export function draftOfApp({ framework, inventory }: InspectedApp): CatalogueDraft {
  const used = inventory.handlers.flatMap(({ permissions }) => permissions);
  const values = (...uses: readonly string[]): readonly string[] =>
    [...new Set(used.filter(({ use }) => uses.includes(use)).map(({ value }) => value))].toSorted((a, b) =>
      a.localeCompare(b),
    );
  const has = (use: string, value: string): boolean =>
    used.some((one) => one.use === use && one.value === value);
  return {
    from: `@entra-guard/${framework}`,
    api: undefined,
    scopes: values('scope').map((value) => ({ value, consent: 'admin' })),
    appRoles: values('application permission', 'user role').map((value) => ({
      value,
      for: [
        ...(has('user role', value) ? (['user'] as const) : []),
        ...(has('application permission', value) ? (['application'] as const) : []),
      ],
    })),
    preAuthorized: [],
  };
}
