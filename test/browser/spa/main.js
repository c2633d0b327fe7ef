// A single-page application that signs users in with MSAL, as its guide says. It shows what it has in <output>.
import { CacheLookupPolicy, PublicClientApplication } from '@azure/msal-browser';

const { config, scopes, ordersUrl } = JSON.parse(document.getElementById('settings').textContent);
const msal = new PublicClientApplication(config);
await msal.initialize();
const request = { scopes };

function show(what) {
  document.querySelector('output').textContent = JSON.stringify(what);
}

function shown({ account, accessToken, fromCache }) {
  return { account: account.username, accessToken, fromCache };
}

async function orders() {
  const { accessToken } = await msal.acquireTokenSilent({ ...request, account: msal.getAllAccounts()[0] });
  const response = await fetch(ordersUrl, { headers: { authorization: `Bearer ${accessToken}` } });
  return { status: response.status, orders: await response.json() };
}

const renewed = (policy) => async () =>
  shown(
    await msal.acquireTokenSilent({
      ...request,
      account: msal.getAllAccounts()[0],
      cacheLookupPolicy: policy,
    }),
  );

const actions = {
  redirect: () => msal.loginRedirect(request),
  popup: async () => shown(await msal.loginPopup(request)),
  refresh: renewed(CacheLookupPolicy.RefreshToken),
  iframe: renewed(CacheLookupPolicy.Skip),
  'sign-on': async () =>
    shown(await msal.ssoSilent({ ...request, loginHint: 'ada@contoso.onmicrosoft.com' })),
  orders,
  'sign-out': () => msal.logoutRedirect({ account: msal.getAllAccounts()[0] }),
  'sign-out-popup': async () => {
    await msal.logoutPopup({ account: msal.getAllAccounts()[0] });
    return { accounts: msal.getAllAccounts().length };
  },
};

for (const [name, action] of Object.entries(actions)) {
  const button = document.createElement('button');
  button.textContent = name;
  button.addEventListener('click', async () => {
    show({ busy: name });
    try {
      const result = await action();
      if (result !== undefined) show(result);
    } catch (error) {
      show({ error: error.errorCode ?? error.name, message: error.message });
    }
  });
  document.querySelector('main').append(button);
}

try {
  const returned = await msal.handleRedirectPromise();
  show(returned === null ? { accounts: msal.getAllAccounts().length } : shown(returned));
} catch (error) {
  show({ error: error.errorCode ?? error.name, message: error.message });
}
