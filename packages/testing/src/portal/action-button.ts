import { type Html, html } from '../pages/html.js';

/** A button that does one thing to one object. */
export interface ActionButton {
  /** The key of this run, which the form carries. */
  readonly key: string;
  readonly action: string;
  /** The object's name or ID. */
  readonly target: string;
  readonly label: string;
  /** What the object is called, for those who hear the page. */
  readonly about: string;
}

/** Makes a form with one button. */
export function actionButton({ key, action, target, label, about }: ActionButton): Html {
  return html`<form method="post" action="/portal/actions"><input type="hidden" name="key" value="${key}"><input type="hidden" name="action" value="${action}"><input type="hidden" name="target" value="${target}"><button aria-label="${label}: ${about}">${label}</button></form>`;
}
