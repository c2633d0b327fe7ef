import type { OAuthError } from '../endpoints/oauth-error.js';
import { type Html, html } from './html.js';
import type { Interaction } from './interactions.js';
import { explained } from './problem-page.js';
import { appName, cancel, type StepPage, stepForm } from './step-page.js';

/** Makes the page that stands for multi-factor authentication: it reaches authentication contexts. */
export function mfaPage(interaction: Interaction, contexts: readonly string[]): StepPage {
  return {
    title: 'Confirm that it is you',
    body: html`<p><b>${appName(interaction.task)}</b> needs a stronger sign-in. Here this page stands for multi-factor authentication.</p>
<p>Authentication contexts that it reaches: ${contexts.map((one, index) => html`${index > 0 && ', '}<code>${one}</code>`)}</p>
${stepForm(interaction, html`<p class="actions"><button class="main" name="do" value="mfa">Approve</button>${cancel}</p>`)}`,
  };
}

/** Makes the page on which a user confirms, at the end. */
export function confirmPage(interaction: Interaction, question: Html): StepPage {
  return {
    title: `Are you trying to sign in to ${appName(interaction.task)}?`,
    body: html`${question}
${stepForm(interaction, html`<p class="actions"><button class="main" name="do" value="confirm">Continue</button>${cancel}</p>`)}`,
  };
}

/** Makes the page for a user whom the directory refuses. */
export function refusedPage(interaction: Interaction, error: OAuthError): StepPage {
  return {
    title: 'You can’t get there from here',
    status: 403,
    body: html`${explained(error)}
${stepForm(
  interaction,
  html`<p class="actions"><button name="do" value="other">Use another account</button><button name="do" value="cancel">Return to the application</button></p>`,
)}`,
  };
}
