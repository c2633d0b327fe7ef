import './node-stand-ins.js';

// The core's modules take their buffers when they are loaded, so they come after the stand-ins.
const { lookAtToken } = await import('./look-at-token.js');
const { codesIn, tokenIn, unknownIn } = await import('./pasted-text.js');
const { show, showCodes } = await import('./show.js');

const form = document.querySelector('form') as HTMLFormElement;
const result = document.querySelector('#result') as HTMLElement;
const settingsError = document.querySelector('#settings-error') as HTMLElement;
const fieldOf = (id: string): string => (document.getElementById(id) as HTMLInputElement).value.trim();

function look(): void {
  const pasted = fieldOf('pasted');
  const token = tokenIn(pasted);
  settingsError.textContent = '';
  if (pasted === '') {
    result.replaceChildren();
  } else if (token === undefined) {
    showCodes(result, codesIn(pasted), unknownIn(pasted));
  } else {
    const fields = { tenant: fieldOf('tenant'), client: fieldOf('client'), uri: fieldOf('uri') };
    const explained = lookAtToken(token, fields, Date.now());
    settingsError.textContent = explained.settingsError ?? '';
    show(result, explained);
  }
}

form.addEventListener('input', look);
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('reset', () => {
  settingsError.textContent = '';
  result.replaceChildren();
});
// A browser may have kept the fields of a page that was left.
form.reset();
