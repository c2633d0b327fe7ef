import type { Catalogue } from '@entra-guard/core';

/** A text of a catalogue that is still to be filled in. */
export interface Placeholder {
  /** Where it stands: `api`, `scopes['Orders.Read'].description`. */
  readonly place: string;
  readonly value: string;
  /** Whether it would be written into the app registration. */
  readonly registered: boolean;
}

/** Words that stand for an identifier: `api://TODO`, `api://<client ID>`, `api://YOUR_API`, and the GUID of nothing. */
const IN_IDENTIFIERS =
  /(?:^|[/:._-])(?:TODO|TBD|FIXME|CHANGE_?ME)(?:$|[/._-])|[<>{}]|\b[Yy][Oo][Uu][Rr][-_]|0{8}(?:-0{4}){3}-0{12}/;
/** Beginnings of a sentence that is still to be written. */
const IN_TEXTS = /^(?:TODO|TBD|FIXME|CHANGE_?ME)\s*(?:$|:)/;

/**
 * Lists what is still to be filled in, as `entra-guard permissions init` leaves it. Write no registration from such a catalogue.
 */
export function placeholdersIn({
  api,
  owner,
  scopes,
  appRoles,
  preAuthorized,
}: Catalogue): readonly Placeholder[] {
  const identifiers = [{ place: 'api', value: api, registered: true }];
  const texts = [
    ...Object.entries({ ...owner }).map(([name, value]: readonly [string, string]) => ({
      place: `owner.${name}`,
      value,
      registered: false,
    })),
    ...Object.entries({ scopes, appRoles }).flatMap(([list, permissions]) =>
      permissions.flatMap(({ value, title, description, because }) => [
        { place: `${list}['${value}'].title`, value: title, registered: true },
        { place: `${list}['${value}'].description`, value: description, registered: true },
        { place: `${list}['${value}'].because`, value: because, registered: false },
      ]),
    ),
    ...preAuthorized.map(({ clientId, because }) => ({
      place: `preAuthorized ${clientId}, because`,
      value: because,
      registered: false,
    })),
  ];
  return [
    ...identifiers.filter(({ value }) => IN_IDENTIFIERS.test(value)),
    ...texts.filter(({ value }) => IN_TEXTS.test(value)),
  ];
}
