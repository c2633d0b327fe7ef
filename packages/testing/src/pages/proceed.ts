import { asOAuthError, OAuthError } from '../endpoints/oauth-error.js';
import { assertWellFormed } from '../endpoints/parameters.js';
import { accountPage } from './account-page.js';
import { type Account, signedInAccounts } from './browsers.js';
import { approvalNeeded, approvalPage, consentPage } from './consent-page.js';
import { isOwnForm } from './cross-site.js';
import type { Interaction, Step, Task } from './interactions.js';
import { currentAccounts, nextStep } from './next-step.js';
import { confirmPage, mfaPage, refusedPage } from './plain-steps.js';
import { problemPage, unusablePage } from './problem-page.js';
import { type StepPage, stepPage } from './step-page.js';
import type { Visit } from './visit.js';

/** Begins an interaction, with the account that is signed in if a page need not ask. */
export function begin(visit: Visit, task: Task): Response {
  const { entra, browser, state } = visit;
  const [account, ...others] =
    task.prompt === 'login' || task.prompt === 'select_account' ? [] : currentAccounts(entra, browser, task);
  const interaction = state.interactions.begin(browser, task, entra.now());
  interaction.account = others.length === 0 ? account : undefined;
  return proceed(visit, interaction);
}

/** Answers with the page of the next step, or with the end of the interaction. */
function proceed(visit: Visit, interaction: Interaction): Response {
  const { task } = interaction;
  const account = stillSignedIn(visit, interaction);
  const next = nextStep(visit.entra, task, account, interaction);
  interaction.step = next.step;
  if (next.step === undefined) {
    interaction.ended = true;
    visit.browser.apps.add(task.client.clientId);
    return task.complete(next.account, next.claims);
  }
  visit.keep();
  return stepPage(interaction, pageOf(visit, interaction, next.step));
}

/** Forgets the account of an interaction whose session has ended meanwhile. */
function stillSignedIn({ entra, browser }: Visit, interaction: Interaction): Account | undefined {
  const { account, task } = interaction;
  if (account === undefined || signedInAccounts(entra, browser, task.tenant).includes(account))
    return account;
  interaction.account = undefined;
  return undefined;
}

function pageOf(visit: Visit, interaction: Interaction, step: Step): StepPage {
  switch (step.kind) {
    case 'account':
      return accountPage(visit, interaction);
    case 'mfa':
      return mfaPage(interaction, step.contexts);
    case 'consent':
      return consentPage(visit, interaction, step.asks);
    case 'approval':
      return approvalPage(visit, interaction, step.asks);
    case 'confirm':
      return confirmPage(interaction, interaction.task.confirmation as NonNullable<Task['confirmation']>);
    case 'refused':
      return refusedPage(interaction, step.error);
  }
}

/** Answers the forms of all pages. A form changes something only if it answers the page that this browser was shown last. */
export async function posted(visit: Visit): Promise<Response> {
  const { entra, request, browser, state } = visit;
  const form = new URLSearchParams(await request.text());
  try {
    assertWellFormed(form);
  } catch (error) {
    return problemPage(error);
  }
  const interaction = state.interactions.find(form.get('interaction') ?? '');
  if (interaction === undefined || !isOwnForm(request, browser, interaction.id, form)) {
    return unusablePage(403, 'The form was not sent by a page that this browser was given.');
  }
  if (interaction.browser !== browser) {
    return unusablePage(403, 'The form belongs to another browser.');
  }
  if (interaction.ended || interaction.expiresAt <= entra.now()) {
    return unusablePage(400, 'The sign-in that this page belongs to has ended, or is too old.');
  }
  return answered(visit, interaction, form) ?? proceed(visit, interaction);
}

/** Takes over what the user chose. @returns a response where that ends the way, or asks again */
function answered(visit: Visit, interaction: Interaction, form: URLSearchParams): Response | undefined {
  const { step } = interaction;
  const account = stillSignedIn(visit, interaction);
  const chosen = form.get('account') ?? form.get('upn');
  const action = form.get('do');
  if (action === 'cancel') return cancelled(interaction);
  if (action === 'other') {
    interaction.account = undefined;
    interaction.step = { kind: 'account' };
    return stepPage(interaction, accountPage(visit, interaction, { all: true }));
  }
  if (step?.kind === 'account' && chosen !== null) return choose(visit, interaction, chosen.trim());
  if (step?.kind !== action || account === undefined) return undefined;
  if (step.kind === 'mfa') for (const context of step.contexts) account.contexts.add(context);
  if (step.kind === 'confirm') interaction.confirmed = true;
  if (step.kind === 'consent') {
    const { task } = interaction;
    const forAll = task.forAll === true || form.get('for_all') === 'yes';
    const principalId = forAll && visit.entra.people.isAdmin(account.person) ? undefined : account.person.oid;
    for (const { request, scopes } of step.asks) {
      const resourceId = request.api.clientId;
      visit.entra.consents.grant({ clientId: task.client.clientId, resourceId, principalId }, scopes);
    }
    interaction.consented = true;
  }
  return undefined;
}

/** Signs a user in. An account that is signed in stays so, unless the request wants a new sign-in. */
function choose(visit: Visit, interaction: Interaction, name: string): Response | undefined {
  const { entra, browser } = visit;
  const { task } = interaction;
  try {
    if (name === '' || name.length > 256) {
      throw new OAuthError('invalid_request', 50034, 'Write the name of a user, of at most 256 characters.');
    }
    const person = entra.people.named(name, task.tenant);
    entra.accounts.assertMaySignIn(person);
    const before =
      task.prompt === 'login'
        ? undefined
        : currentAccounts(entra, browser, { ...task, loginHint: person.oid, domainHint: undefined }).find(
            (one) => one.person.oid === person.oid,
          );
    const account: Account = before ?? { person, tenant: task.tenant, at: entra.now(), contexts: new Set() };
    interaction.account = account;
    if (before === undefined) {
      browser.accounts.set(`${task.tenant.id} ${person.oid}`, account);
      visit.renew();
    }
    return undefined;
  } catch (error) {
    const refusal = asOAuthError(error);
    return stepPage(interaction, accountPage(visit, interaction, { all: true, error: refusal }));
  }
}

function cancelled(interaction: Interaction): Response {
  const { step, task } = interaction;
  interaction.ended = true;
  if (step?.kind === 'refused') return task.refuse(step.error);
  if (step?.kind === 'approval') {
    return task.refuse(new OAuthError('access_denied', 90094, approvalNeeded(task).message));
  }
  const what = step?.kind === 'consent' ? 'declined to consent to access the app' : 'cancelled the sign-in';
  return task.refuse(new OAuthError('access_denied', 65004, `User ${what}.`));
}
