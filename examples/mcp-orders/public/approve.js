// Signs its user in (code and PKCE), shows what an agent asks for, and sends a decision when a button is pressed. All that the
// agent has written is shown as text.
const at = (id) => document.getElementById(id);

function say(text) {
  at('state').textContent = text;
}

function showFacts(approval) {
  const facts = {
    what: approval.operation,
    ...approval.of,
    'the agent': approval.agent.clientId,
    'asked for at': new Date(approval.requestedAt).toLocaleString(),
    'ends at': new Date(approval.expiresAt).toLocaleString(),
  };
  const list = at('facts');
  list.replaceChildren();
  for (const [name, value] of Object.entries(facts)) {
    const [term, detail] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    detail.textContent = typeof value === 'string' ? value : JSON.stringify(value);
    list.append(term, detail);
  }
  const waits = approval.state === 'pending';
  list.hidden = false;
  at('actions').hidden = !waits;
  at('hint').hidden = !waits;
  say(waits ? 'Waits for your decision.' : `The request is ${approval.state}.`);
}

async function start() {
  const { auth, scope } = await (await fetch('/approve.json')).json();
  const client = new window.msal.PublicClientApplication({
    auth,
    cache: { cacheLocation: 'sessionStorage' },
  });
  await client.initialize();
  const returned = await client.handleRedirectPromise();
  const account = returned?.account ?? client.getAllAccounts()[0];
  const id = decodeURIComponent(location.pathname.split('/')[2] ?? '');
  if (id === '') {
    say('Open the link that the agent has shown you.');
    return;
  }
  const request = { scopes: [scope], ...(account === undefined ? {} : { account }) };
  if (account === undefined) {
    await client.loginRedirect(request);
    return;
  }

  /** @param decision empty to look */
  async function ask(method, decision) {
    const { accessToken } = await client.acquireTokenSilent(request);
    const answer = await fetch(`/api/approvals/${encodeURIComponent(id)}${decision}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const body = await answer.json();
    if (answer.ok) showFacts(body);
    else say(answer.status === 404 ? 'There is no such request, or it is not yours to decide.' : body.detail);
  }

  for (const decision of ['approve', 'deny']) {
    at(decision).addEventListener('click', () => {
      at('actions').hidden = true;
      ask('POST', `/${decision}`).catch(failed);
    });
  }
  await ask('GET', '');
}

function failed(error) {
  say(`This did not work: ${error.message}`);
}

start().catch(failed);
