import { escapeHtml, html, json } from './answers.js';
import type { Call } from './call.js';
import { DEVICE_CODE_LIFETIME } from './device-codes.js';
import { required } from './grants/grant-request.js';
import { readForm } from './parameters.js';
import { assertMayAsk } from './requested-api.js';
import { grantedScopes, parseScope } from './scope-request.js';
import { firstUser, refusalPage, signInTenant } from './sign-in.js';

/** Seconds that a client waits between two requests. */
const interval = 5;

/**
 * Answers `/{tenant}/oauth2/v2.0/devicecode` (RFC 8628, section 3.1): a code for the device, and a short one for its user.
 */
export async function deviceCode({ entra, request, tenant: segment }: Call): Promise<Response> {
  const body = await readForm(request);
  const client = entra.apps.registeredClient(required(body, 'client_id'));
  const scope = required(body, 'scope');
  const asked = parseScope(entra.apps, scope);
  grantedScopes(asked);
  assertMayAsk(client, asked, body.get('resource'));
  const tenant = signInTenant(entra.tenants, segment);
  const pending = entra.deviceCodes.add(
    { clientId: client.clientId, scope, tenant, claims: body.get('claims') ?? undefined },
    entra.now(),
  );
  const address = `${entra.authority.origin}/common/oauth2/deviceauth`;
  return json(
    {
      user_code: pending.userCode,
      device_code: pending.deviceCode,
      verification_uri: address,
      expires_in: DEVICE_CODE_LIFETIME,
      interval,
      message: `To sign in, use a web browser to open the page ${address} and enter the code ${pending.userCode} to authenticate.`,
    },
    200,
    { 'cache-control': 'no-store' },
  );
}

/** Answers `/common/oauth2/deviceauth`: approves the device with `user_code` for the user of `login_hint`, without a page. */
export function deviceAuth({ entra, url }: Call): Response {
  const { searchParams: query } = url;
  const code = query.get('user_code');
  if (code === null || code === '') {
    return html(
      '<h1>Sign in to a device</h1><form><label>Code <input name="user_code" autocomplete="off" required></label> <label>User <input name="login_hint" value="ada" required></label> <button>Approve</button></form>',
    );
  }
  const name = query.get('login_hint') ?? firstUser;
  try {
    const pending = entra.deviceCodes.ofUser(code, entra.now());
    if (pending === undefined) {
      return html(
        `<h1>That code did not work</h1><p>${escapeHtml(code)} is unknown, or has expired.</p>`,
        400,
      );
    }
    const person = entra.people.named(name, pending.tenant);
    entra.accounts.assertMaySignIn(person);
    pending.approval = { person, at: entra.now() };
    return html(
      `<h1>You have signed in as ${escapeHtml(person.displayName)}</h1><p>Return to the device.</p>`,
    );
  } catch (error) {
    return refusalPage(error);
  }
}
