import type { Call } from '../endpoints/call.js';
import { tokenField } from './cross-site.js';
import { type Html, html } from './html.js';
import type { Interaction } from './interactions.js';
import { page } from './layout.js';

/** One page on the way of an interaction. */
export interface StepPage {
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
}

/** Where the forms of the pages are sent. */
export const formPath = '/common/login';

/** Makes a form that goes on with the interaction. Buttons in it say what the user chose, by `do`. */
export function stepForm({ browser, id }: Interaction, content: Html): Html {
  return html`<form method="post" action="${formPath}">
<input type="hidden" name="interaction" value="${id}">
${tokenField(browser, id)}
${content}
</form>`;
}

export function stepPage({ task }: Interaction, shown: StepPage): Response {
  return page({ ...shown, formTargets: task.formTargets });
}

/** Returns what a page calls an app. */
export function appName({ client }: Interaction['task']): string {
  return client.registration.displayName ?? client.name;
}

export const cancel = html`<button name="do" value="cancel" formnovalidate>Cancel</button>`;

export type PageOf = (call: Call, interaction: Interaction) => StepPage;
