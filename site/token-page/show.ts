import type { Explained } from './look-at-token.js';
import type { KnownCode } from './pasted-text.js';

/** Makes an element. What a token holds becomes text and never markup. */
function make(tag: string, className: string, ...children: readonly (string | Node)[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

function list(rows: readonly (readonly [name: string, value: string])[]): HTMLElement {
  return make('dl', '', ...rows.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]));
}

function codeLink(code: string): HTMLElement {
  const link = make('a', '', make('code', '', code));
  link.setAttribute('href', `./codes/${code}.html`);
  return link;
}

/** Shows what is known of a token. */
export function show(into: HTMLElement, { verdict, refused, about, accept, findings }: Explained): void {
  const parts = [make('p', refused ? 'verdict bad' : 'verdict', verdict)];
  const facts = (title: string, rows: Explained['about']): void => {
    if (rows.length === 0) return;
    parts.push(make('h2', '', title), list(rows.map(({ name, value }) => [name, value])));
  };
  facts('What the token says (not verified)', about);
  facts('What an API has to configure to accept it', accept);
  const checks = findings.map(({ check, ok, code, found, expected, hint }) => {
    const [state, className] = ok
      ? ['✓ holds', 'good']
      : ok === false
        ? ['✗ refused', 'bad']
        : ['? open', 'open'];
    const item = make('li', className, make('span', 'state', state), ` ${check.replaceAll('_', ' ')}`);
    if (code !== undefined) item.append(' ', codeLink(code));
    if (ok === true) item.append(`: ${found}`);
    if (ok === false)
      item.append(
        list([
          ['found', found],
          ['expected', expected],
        ]),
      );
    if (hint !== undefined) item.append(make('p', 'hint', hint));
    return item;
  });
  parts.push(make('h2', '', 'Checks'), make('ul', 'checks', ...checks));
  into.replaceChildren(...parts);
}

/** Shows what is known of the codes that a text names. */
export function showCodes(into: HTMLElement, known: readonly KnownCode[], unknown: readonly string[]): void {
  const parts = known.flatMap(({ code, parts: said }) => [
    make('h2', '', codeLink(code)),
    list(said.map(({ name, text }) => [name, text])),
  ]);
  if (unknown.length > 0) {
    parts.push(
      make(
        'p',
        'verdict',
        `Not described on this site: ${unknown.join(', ')}. The text after the number says what Entra missed.`,
      ),
    );
  }
  if (parts.length === 0) {
    parts.push(
      make(
        'p',
        'verdict',
        'Neither a token nor a text with a known code. A token has three parts with dots between them and no blanks; texts of Entra begin with AADSTS and a number.',
      ),
    );
  }
  into.replaceChildren(...parts);
}
