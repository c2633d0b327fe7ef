import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { registrations } from './registrations.js';
import type { SignIn } from './sign-in.js';
import type { Stage } from './stage.js';

/** Milliseconds. Tokens are valid for an hour. */
const renewal = 30 * 60_000;

/** Prints curl commands for both APIs, renews their tokens, and returns when Ctrl-C is pressed. */
export async function serve(stage: Stage, signIn: SignIn): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'entra-guard-demo-'));
  try {
    const renew = async () => writeTokens(folder, signIn);
    await renew();
    show(stage, folder);
    const timer = setInterval(() => {
      renew().catch((error: unknown) => console.error('The tokens could not be renewed.', error));
    }, renewal);
    await interrupted();
    clearInterval(timer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes one file per caller with the header to send. curl reads it, so the commands are short and tokens fresh. */
async function writeTokens(folder: string, signIn: SignIn): Promise<void> {
  const write = ['Orders.Read', 'Orders.Write'];
  const tokens = {
    ada: await signIn.user('ada', ['Orders.Read']),
    grace: await signIn.user('grace', write),
    alan: await signIn.user('alan', write),
    'nightly-job': await signIn.daemon('nightly-job'),
    'ci-runner': await signIn.managedIdentity('ci-runner'),
  };
  for (const [who, token] of Object.entries(tokens)) {
    await writeFile(join(folder, who), `Authorization: Bearer ${token}\n`, { mode: 0o600 });
  }
}

function show({ entra, express, nest }: Stage, folder: string): void {
  const endpoint = `${entra.origin}/${entra.tenantId}`;
  const api = entra.clientIdOf('orders');
  console.log(`
${styleText('bold', 'Local Entra')}  ${entra.origin}
  authority     ${entra.authority}
  metadata      ${entra.authority}/.well-known/openid-configuration
  token         ${endpoint}/oauth2/v2.0/token
  the API       client ID ${api}, scopes api://${api}/Orders.Read and …/Orders.Write`);
  for (const [name, origin] of [
    ['Express', express],
    ['NestJS', nest],
  ] as const) {
    console.log(`\n${styleText('bold', `Orders on ${name}`)}  ${origin}`);
    for (const [what, line] of curls(origin, folder)) {
      console.log(`${styleText('dim', `# ${what}`)}\n${line}`);
    }
  }
  console.log(`
${styleText('bold', 'Fetch a token yourself')}
curl ${endpoint}/oauth2/v2.0/token -d grant_type=client_credentials -d client_id=${entra.clientIdOf('nightly-job')} -d client_secret=${registrations['nightly-job'].secret} -d scope=api://${api}/.default

The files in ${folder} hold the headers that curl sends, and get fresh tokens every half hour.
Below, the APIs log why they refuse what they refuse. Ctrl-C ends all of it.
`);
}

/** Lists what to try, with the command for it. */
function curls(origin: string, folder: string): readonly (readonly [what: string, line: string])[] {
  const orders = `${origin}/orders`;
  const as = (who: string) => `-H "@${join(folder, who)}"`;
  const order = '-H "Content-Type: application/json" -d "{\\"item\\":\\"biscuits\\",\\"quantity\\":12}"';
  return [
    ['no token: 401', `curl -i ${orders}`],
    ['ada, a user who may read: 200', `curl -i ${orders} ${as('ada')}`],
    ['ada may not approve: 403', `curl -i -X POST ${orders}/1/approve ${as('ada')}`],
    ['grace, an approver: 200', `curl -i -X POST ${orders}/1/approve ${as('grace')}`],
    ['alan, an administrator who must step up: 401', `curl -i -X DELETE ${orders}/2 ${as('alan')}`],
    ['the nightly job, an app: 200', `curl -i ${orders}/export ${as('nightly-job')}`],
    ['the CI runner, a managed identity: 201', `curl -i ${orders} ${as('ci-runner')} ${order}`],
  ];
}

/**
 * Waits for Ctrl-C or SIGTERM. On a terminal it reads Ctrl-C as a key. As a signal it would also reach npx and pnpm
 * around this process, which would report a failure.
 */
async function interrupted(): Promise<void> {
  const { stdin } = process;
  return new Promise((resolve) => {
    const end = () => {
      if (stdin.isTTY) stdin.setRawMode(false).unref();
      resolve();
    };
    process.once('SIGINT', end).once('SIGTERM', end);
    if (!stdin.isTTY) return;
    stdin.setRawMode(true).on('data', (keys) => {
      if (keys.includes('\x03')) end();
    });
  });
}
