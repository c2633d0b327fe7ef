import { escapeHtml } from '../endpoints/answers.js';

/** Text that is HTML already. Made by {@link html} alone, so everything else is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template may hold: text and numbers are escaped; `undefined` and `false` leave nothing. */
export type HtmlValue = string | number | Html | undefined | false | readonly HtmlValue[];

/**
 * Makes HTML from a template. Every value is escaped unless it is {@link Html}. Values of attributes stand in quotes:
 * `<a href="${url}">`. A URL must be http or https where a click on it may run it.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, index) => part + rendered(values[index])).join(''));
}

function rendered(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map(rendered).join('') : escapeHtml(String(value));
}
