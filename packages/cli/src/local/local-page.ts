import type { ClientSettings, LocalReport } from '@entra-guard/testing/local';
import { harmless, printable } from '../output/printable.js';
import type { Style } from '../output/style.js';

/** What people read when a local Entra has started. */
export interface LocalPage {
  readonly report: LocalReport;
  readonly settings: readonly ClientSettings[];
  /** Remarks: where the directory is from, what is kept. */
  readonly notes: readonly string[];
}

/** Prints addresses, users, apps, and settings to copy. */
export function localPage({ report, settings, notes }: LocalPage, style: Style): string {
  const { origin, tenantId, authority, metadata, graph, portal } = report;
  const { users, apis, clients, managedIdentities, agents } = report;
  const sections = [
    [
      style.bold(`A local Entra answers at ${printable(origin)}`),
      ...table([
        ['authority', authority],
        ['metadata', metadata],
        ['Graph', graph],
        ...(portal === undefined ? [] : [['portal', portal]]),
        ['tenant', tenantId],
      ]),
      ...notes.map(printable),
    ],
    section(
      'Users',
      users.map(({ name, displayName, userPrincipalName, admin }) => [
        name,
        displayName,
        userPrincipalName,
        admin ? 'administrator' : '',
      ]),
      style,
    ),
    section(
      'APIs',
      apis.map(({ name, clientId, applicationIdUri, scopes, appRoles }) => [
        name,
        clientId,
        applicationIdUri === `api://${clientId}` ? '' : applicationIdUri,
        [...scopes, ...appRoles].join(' '),
      ]),
      style,
    ),
    section(
      'Clients',
      clients.map(({ name, clientId, platform }) => [name, clientId, platform]),
      style,
    ),
    section(
      'Managed identities',
      managedIdentities.map(({ name, clientId }) => [name, clientId]),
      style,
    ),
    section(
      'Agents',
      agents.map(({ name, clientId, blueprint }) => [name, clientId, `blueprint ${blueprint}`]),
      style,
    ),
    ...settings.map(({ title, text, language }) => [
      style.faint(`${language === 'js' ? '//' : '#'} ${printable(title)}`),
      harmless(text),
    ]),
    [style.bold('Get a token'), ...tokenLines(report).map((line) => `  ${printable(line)}`)],
    ['It gives any caller any token: nothing real may trust it. Ctrl-C ends it.'],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function section(title: string, rows: readonly (readonly string[])[], style: Style): readonly string[] {
  return rows.length === 0 ? [] : [style.bold(title), ...table(rows)];
}

/** Lines with columns, without those that are empty in every row. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, index) => Math.max(...clean.map((row) => row[index]?.length ?? 0)));
  return clean.map((row) =>
    `  ${row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .filter((_, index) => widths[index] !== 0)
      .join('  ')}`.trimEnd(),
  );
}

function tokenLines({ users, apis, origin }: LocalReport): readonly string[] {
  const { port, protocol } = new URL(origin);
  const where = `${port === '8484' ? '' : ` --port ${port}`}${protocol === 'https:' ? ' --tls' : ''}`;
  const user = users[0]?.name ?? 'ada';
  const api = apis.length > 1 ? ` --api ${apis[0]?.name}` : '';
  const scope = apis[0]?.scopes[0];
  return [`entra-guard token --as ${user}${api}${scope === undefined ? '' : ` --scope ${scope}`}${where}`];
}
