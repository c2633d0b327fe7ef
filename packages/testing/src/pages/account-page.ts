import type { Person } from '../directory/people.js';
import type { Call } from '../endpoints/call.js';
import type { OAuthError } from '../endpoints/oauth-error.js';
import { signedInAccounts } from './browsers.js';
import { html } from './html.js';
import type { Interaction } from './interactions.js';
import { hintedPerson, isInDomain } from './next-step.js';
import { explained } from './problem-page.js';
import { appName, cancel, type StepPage, stepForm } from './step-page.js';

export interface AccountPage {
  /** Whether all accounts are shown although the request names one. */
  readonly all?: boolean;
  /** Why the account that was chosen can't sign in. */
  readonly error?: OAuthError;
}

/** Makes the page on which a user signs in: choose an account, or name another one. There are no passwords. */
export function accountPage({ entra }: Call, interaction: Interaction, shown: AccountPage = {}): StepPage {
  const { task, browser } = interaction;
  const { tenant, loginHint, domainHint, prompt } = task;
  const signedIn = new Set(signedInAccounts(entra, browser, tenant).map(({ person }) => person.oid));
  const hinted =
    loginHint !== undefined && prompt !== 'select_account' && shown.all !== true
      ? hintedPerson(entra, loginHint, tenant)
      : undefined;
  const people = hinted === undefined ? known(entra, interaction, domainHint) : [hinted];
  const choose =
    people.length > 0 &&
    stepForm(
      interaction,
      html`<ul class="list">${people.map(
        ({ name, displayName, upn, oid }) =>
          html`<li><button class="row" name="account" value="${name}">${displayName}<small>${upn}${signedIn.has(oid) && ' · signed in'}</small></button></li>`,
      )}</ul>`,
    );
  const other =
    hinted === undefined
      ? html`<h2>${people.length > 0 ? 'Another account' : 'Account'}</h2>
${stepForm(
  interaction,
  html`<label for="upn">User name</label>
<p class="soft" id="upn-hint">Any name works: ada, or ada@${domainHint?.includes('.') ? domainHint : tenant.domain}</p>
<input type="text" id="upn" name="upn" required maxlength="256" autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="upn-hint" value="${loginHint}">
<p class="actions"><button class="main">Sign in</button></p>`,
)}`
      : stepForm(
          interaction,
          html`<p class="actions"><button name="do" value="other">Use another account</button></p>`,
        );
  return {
    title: hinted === undefined && people.length > 0 ? 'Choose an account' : 'Sign in',
    status: shown.error === undefined ? 200 : 400,
    body: html`<p>to continue to <b>${appName(task)}</b></p>
${shown.error !== undefined && explained(shown.error)}
${choose}
${other}
${stepForm(interaction, html`<p class="actions">${cancel}</p>`)}`,
  };
}

/** Lists the users that the directory names, and those who are signed in. */
function known(
  entra: Call['entra'],
  { browser, task }: Interaction,
  domainHint: string | undefined,
): readonly Person[] {
  const told = entra.people.told.map((name) => entra.people.named(name, task.tenant));
  const signedIn = signedInAccounts(entra, browser, task.tenant).map(({ person }) => person);
  const all = new Map([...told, ...signedIn].map((person) => [person.oid, person]));
  return [...all.values()].filter(
    (person) => !entra.accounts.isRemoved(person) && isInDomain(person.upn, domainHint),
  );
}
