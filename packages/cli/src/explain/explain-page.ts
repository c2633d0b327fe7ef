import type { Finding } from '@entra-guard/core';
import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import type { Fact } from './about-token.js';

/** What {@link explainPage} says of a token. */
export interface Explained {
  readonly findings: readonly Finding[];
  readonly about: readonly Fact[];
  /** Whether the authority was asked. */
  readonly keys: boolean;
  /** What could not be compared, besides the signature: in words that follow "nor". */
  readonly open: string | undefined;
  /** What an API has to configure to accept the token, where no API was named. */
  readonly accept: readonly Fact[] | undefined;
  /** Whether a requirement was judged. */
  readonly asked: boolean;
}

/** A token, explained for people. */
export function explainPage(explained: Explained, style: Style): string {
  const { findings, about, accept, asked } = explained;
  const lines = [style.bold(printable(verdict(explained))), ''];
  if (about.length > 0) {
    const verified = findings.some(({ check, ok }) => check === 'signature' && ok === true);
    lines.push(verified ? 'What the token says:' : 'What the token says (not verified):');
    lines.push(...about.map(factLine), '');
  }
  if (accept !== undefined && accept.length > 0) {
    lines.push('What an API has to configure to accept it:', ...accept.map(factLine), '');
  }
  lines.push('Checks:', ...findings.flatMap((finding) => findingLines(finding, style)));
  if (!asked) lines.push('', style.faint(NOT_ASKED));
  return `${lines.join('\n')}\n`;
}

const NOT_ASKED =
  'What a handler requires was not judged: say it with --scope, --user-role, --members or --app-permission.';

const factLine = ({ name, value }: Fact): string => `  ${name.padEnd(18)} ${value}`;

function verdict({ findings, keys, open, accept }: Explained): string {
  const failures = findings.filter(({ ok }) => ok === false);
  const [first, ...others] = failures;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` Also: ${others.map(({ code }) => code).join(', ')}.`;
    return `Refused: ${first.code}.${more}`;
  }
  if (findings.every(({ ok }) => ok)) return 'Accepted: every check holds.';
  if (accept !== undefined) {
    return 'Not compared with any API: say which with --tenant and --client. Nothing in the token itself speaks against it, and the signature is not verified.';
  }
  if (keys) return 'Not decided: what is marked with "?" could not be checked.';
  const nor = open === undefined ? '' : `, nor ${open}`;
  return `Nothing speaks against it, but the signature is not verified${nor}. Add --keys for that.`;
}

function findingLines({ check, ok, code, found, expected, hint }: Finding, style: Style): string[] {
  const name = check.replaceAll('_', ' ').padEnd(18);
  if (ok) return [`${style.good('✓')} ${name} ${style.faint(printable(found))}`];
  const head =
    ok === undefined ? `${style.warning('?')} ${name} not checked` : `${style.bad('✗')} ${name} ${code}`;
  return [
    head,
    ...(ok === undefined
      ? []
      : [`    found     ${printable(found)}`, `    expected  ${printable(expected)}`]),
    ...(hint === undefined ? [] : [`    ${style.warning('→')} ${printable(hint)}`]),
  ];
}
