import { exposedScope } from '../directory/exposed-scopes.js';
import type { Call } from '../endpoints/call.js';
import { allowedScopes } from '../endpoints/consent.js';
import { OAuthError } from '../endpoints/oauth-error.js';
import { type Html, html } from './html.js';
import type { Ask, Interaction, Task } from './interactions.js';
import { explained } from './problem-page.js';
import { appName, cancel, type StepPage, stepForm } from './step-page.js';

/** Makes the page that asks a user, or an administrator for all users, to let an app do something. */
export function consentPage({ entra }: Call, interaction: Interaction, asks: readonly Ask[]): StepPage {
  const { task, account } = interaction;
  if (account === undefined) throw new TypeError('Consent is asked of a user who has signed in.');
  const { person } = account;
  const { forAll = false } = task;
  const admin = entra.people.isAdmin(person);
  return {
    title: forAll ? 'Permissions requested for your organization' : 'Permissions requested',
    body: html`${whoAsks(task)}
<p>Signed in as ${person.displayName} <span class="soft">(${person.upn})</span></p>
<h2>${forAll ? 'The app would, for every user:' : 'The app would like to:'}</h2>
${asks.map((ask) => askedFor(ask, forAll))}
${alreadyAllowed({ entra }, interaction, asks)}
<p class="soft">Accept only if you trust the app. What you allow stays allowed, also after you signed out, until it is taken back: ${
      forAll ? 'delete its permission grant' : 'remove the app’s permissions from your account'
    } in the directory.</p>
${stepForm(
  interaction,
  html`${
    admin &&
    !forAll &&
    html`<label class="choice"><input type="checkbox" name="for_all" value="yes"> Consent on behalf of your organization</label>`
  }
<p class="actions"><button class="main" name="do" value="consent">Accept</button>${cancel}</p>`,
)}`,
  };
}

/** Makes the page for a user who may not consent to what the app asks for (AADSTS90094). */
export function approvalPage({ entra }: Call, interaction: Interaction, asks: readonly Ask[]): StepPage {
  const { task } = interaction;
  const names = asks.flatMap(({ request, scopes }) =>
    task.forAll === true || !entra.userConsent
      ? scopes
      : scopes.filter((scope) => exposedScope(request.api, scope).adminOnly),
  );
  return {
    title: 'Need admin approval',
    status: 403,
    body: html`${whoAsks(task)}
${explained(approvalNeeded(task))}
<p>An administrator has to allow: ${names.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}</p>
${stepForm(
  interaction,
  html`<p class="actions"><button name="do" value="other">Sign in with an administrator’s account</button><button name="do" value="cancel">Return to the application without granting consent</button></p>`,
)}`,
  };
}

export function approvalNeeded(task: Task): OAuthError {
  return new OAuthError(
    'consent_required',
    90094,
    `An administrator has to consent before you can use '${appName(task)}': it asks for permissions that only an administrator may grant.`,
  );
}

function whoAsks(task: Task): Html {
  const { clientId, registration } = task.client;
  return html`<p><b>${appName(task)}</b><br><span class="soft">${registration.publisher ?? 'unverified publisher'}<br>Client ID <code>${clientId}</code></span></p>`;
}

function askedFor({ request, scopes }: Ask, forAll: boolean): Html {
  return html`<ul>${scopes.map((scope) => {
    const { displayName, description } = exposedScope(request.api, scope, forAll);
    return html`<li><b>${displayName}</b> <span class="soft">(${scope} of ${request.api.registration.displayName ?? request.api.name})</span>${
      description !== '' && html`<br>${description}`
    }</li>`;
  })}</ul>`;
}

function alreadyAllowed(
  { entra }: Pick<Call, 'entra'>,
  { task, account }: Interaction,
  asks: readonly Ask[],
): Html | undefined {
  if (account === undefined) return undefined;
  const question = { clients: [task.client], person: account.person };
  const allowed = task.wants.flatMap(({ api }) => {
    const asked = asks
      .filter(({ request }) => request.api.clientId === api.clientId)
      .flatMap(({ scopes }) => scopes);
    return [...allowedScopes(entra.consents, api, question)]
      .filter((scope) => !asked.includes(scope))
      .map((scope) => exposedScope(api, scope).displayName);
  });
  if (allowed.length === 0) return undefined;
  return html`<h2>Allowed already</h2><ul>${[...new Set(allowed)].map((name) => html`<li>${name}</li>`)}</ul>`;
}
