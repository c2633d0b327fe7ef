import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import type { Verdict } from './verdicts.js';

/** The verdicts for people, a client a paragraph. */
export function clientsPage(clients: readonly Verdict[], style: Style): string {
  const lines = clients.flatMap((one) => verdictLines(one, style));
  return `${style.heading('Clients:')}\n${lines.join('\n')}\n`;
}

function verdictLines({ client, verdict, because, setUp }: Verdict, style: Style): readonly string[] {
  const mark = {
    connects: style.good('✓'),
    hindered: style.warning('!'),
    stopped: style.bad('✗'),
  }[verdict];
  const reasons = because
    // What only hinders says nothing more about a client that is stopped.
    .filter(({ stops }) => stops || verdict !== 'stopped')
    .map(({ found, code }) => `${printable(found)}${code === undefined ? '' : ` (${code})`}`);
  return [
    `${mark} ${client.padEnd(22)} ${SAID[verdict]}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`,
    ...setUp.map((text) => `    ${style.faint('→')} ${printable(text)}`),
  ];
}

const SAID: Readonly<Record<Verdict['verdict'], string>> = {
  connects: 'nothing known stands in its way',
  hindered: 'may have trouble',
  stopped: 'does not connect',
};
