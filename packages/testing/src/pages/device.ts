import type { PendingDevice } from '../endpoints/device-codes.js';
import { asOAuthError } from '../endpoints/oauth-error.js';
import { parseWants } from '../endpoints/scope-request.js';
import { isOwnForm, tokenField } from './cross-site.js';
import { html } from './html.js';
import type { Task } from './interactions.js';
import { page } from './layout.js';
import { problemPage, unusablePage } from './problem-page.js';
import { begin } from './proceed.js';
import type { Visit } from './visit.js';

/** What the form for a code is bound to. */
const purpose = 'device';

/** Shows the page that takes the code of a device (RFC 8628, section 3.3). */
export function devicePage(visit: Visit): Response {
  const { searchParams } = visit.url;
  return codePage(visit, searchParams.get('user_code') ?? searchParams.get('otc') ?? '');
}

/** Takes the code, and goes on with the sign-in. */
export async function deviceCodePosted(visit: Visit): Promise<Response> {
  const { entra, request, browser } = visit;
  const form = new URLSearchParams(await request.text());
  if (!isOwnForm(request, browser, purpose, form)) {
    return unusablePage(403, 'The form was not sent by a page that this browser was given.');
  }
  const code = form.get('user_code') ?? '';
  const pending = entra.deviceCodes.ofUser(code, entra.now());
  if (pending === undefined)
    return codePage(visit, code, `The code “${code}” is unknown, was used, or has expired.`);
  try {
    return begin(visit, taskOf(visit, pending));
  } catch (error) {
    return problemPage(asOAuthError(error));
  }
}

function codePage(visit: Visit, code: string, problem?: string): Response {
  visit.keep();
  return page({
    title: 'Enter the code of the device',
    status: problem === undefined ? 200 : 400,
    body: html`<p>The code is on the device or in the application that you want to sign in to. Do not enter a code that you received in a message.</p>
${problem !== undefined && html`<p class="error" role="alert" id="problem">${problem}</p>`}
<form method="post" action="/common/oauth2/deviceauth">
${tokenField(visit.browser, purpose)}
<label for="user_code">Code</label>
<input type="text" id="user_code" name="user_code" value="${code}" required maxlength="32" autocomplete="off" autocapitalize="characters" spellcheck="false"${
      problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`
    }>
<p class="actions"><button class="main">Next</button></p>
</form>`,
  });
}

function taskOf({ entra }: Visit, pending: PendingDevice): Task {
  const client = entra.apps.registeredClient(pending.clientId);
  const name = client.registration.displayName ?? client.name;
  const ended = (title: string) =>
    page({ title, body: html`<p>You can close this window, and return to the device.</p>` });
  return {
    client,
    tenant: pending.tenant,
    wants: parseWants(entra.apps, pending.scope),
    claims: pending.claims,
    confirmation: html`<p>A device that shows the code <code>${pending.userCode}</code> wants to sign in as you. Go on only if you started this.</p>`,
    formTargets: [],
    complete: ({ person, at, contexts }, claims) => {
      if (entra.deviceCodes.ofUser(pending.userCode, entra.now()) !== pending) {
        return unusablePage(400, 'The code was used, or has expired. Ask the device for another one.');
      }
      pending.approval = { person, at, contexts: new Set(contexts), claims };
      return ended(`You have signed in to ${name}`);
    },
    refuse: () => {
      pending.declined = pending.approval === undefined;
      return ended(`You have not signed in to ${name}`);
    },
  };
}
