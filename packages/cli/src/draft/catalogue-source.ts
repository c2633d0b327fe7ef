import { printableLiteral } from '../output/printable.js';
import type { CatalogueDraft, DraftPermission } from './catalogue-draft.js';

/** A catalogue's source, for TypeScript and JavaScript alike. */
export function sourceOf({ from, api, scopes, appRoles, preAuthorized }: CatalogueDraft): string {
  const lines = [
    `import { definePermissions } from ${quoted(from)};`,
    '',
    'export const permissions = definePermissions({',
    `  api: ${quoted(api ?? 'api://TODO')},`,
    "  owner: { team: 'TODO', contact: 'TODO', onCall: 'TODO' },",
    ...block(
      'scopes',
      scopes.flatMap((scope) => permissionLines(scope, `consent: ${quoted(scope.consent)}`)),
    ),
    ...block(
      'appRoles',
      appRoles.flatMap((role) => permissionLines(role, `for: [${role.for.map(quoted).join(', ')}]`)),
    ),
    ...(preAuthorized.length === 0
      ? []
      : [
          '  preAuthorized: [',
          ...preAuthorized.map(
            ({ clientId, scopes: names }) =>
              `    { clientId: ${quoted(clientId)}, scopes: [${names.map(quoted).join(', ')}], because: 'TODO: whose client it is' },`,
          ),
          '  ],',
        ]),
    '});',
  ];
  return `${lines.join('\n')}\n`;
}

function block(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`  ${name}: {`, ...lines, '  },'];
}

function permissionLines(
  { value, id, title, description, enabled }: DraftPermission,
  own: string,
): readonly string[] {
  return [
    `    ${quoted(value)}: {`,
    ...(id === undefined ? [] : [`      id: ${quoted(id)},`]),
    ...(title === undefined ? [] : [`      title: ${quoted(title)},`]),
    `      description: ${quoted(description ?? 'TODO: what it allows, for the person who consents or assigns')},`,
    `      ${own},`,
    ...(enabled === undefined ? [] : ['      enabled: false,']),
    "      because: 'TODO: why the API offers it',",
    '    },',
  ];
}

/** As a literal that code can hold, and people can read, whatever stands in a registration. */
function quoted(text: string): string {
  return `'${printableLiteral(JSON.stringify(text)).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
