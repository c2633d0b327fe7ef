import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import type { Advice, Explanation } from './explain-pasted.js';

/** An explanation, for people. */
export function pastedPage({ title, advice, hint, call, correlationId }: Explanation, style: Style): string {
  const lines = [style.bold(title), ''];
  for (const one of advice) lines.push(...adviceLines(one, style), '');
  if (hint !== undefined) lines.push(`${style.bold('In this case:')} ${printable(hint)}`);
  if (call !== undefined) lines.push(`${style.bold('Call:')} ${printable(call)}`);
  if (correlationId !== undefined) {
    lines.push(
      `In the sign-in logs of Entra it is the request with the correlation ID ${printable(correlationId)}.`,
    );
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function adviceLines({ code, means, whose, change, more }: Advice, style: Style): readonly string[] {
  return [
    ...(code === undefined ? [] : [style.heading(printable(code))]),
    ...(means === undefined ? [] : [`  ${printable(means)}`]),
    ...(whose === undefined ? [] : [`  ${style.bold('whose:')} ${whose}`]),
    `  ${style.good('change:')} ${printable(change)}`,
    ...(more === undefined ? [] : [`  ${style.faint(more)}`]),
  ];
}
