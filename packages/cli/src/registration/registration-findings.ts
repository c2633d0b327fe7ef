import type { CredentialFacts, RedirectFacts, RegistrationFacts } from './registration-facts.js';

/** Something that needs attention. */
export interface RegistrationFinding {
  /** `ended` and `ends`: a credential. `warning`: what Entra accepts, and should not stay. */
  readonly severity: 'ended' | 'ends' | 'warning';
  readonly code:
    | 'credential_ended'
    | 'credential_ends'
    | 'credential_never_ends'
    | 'secret'
    | 'no_owner'
    | 'one_owner'
    | 'owners_unknown'
    | 'redirect_unsafe'
    | 'implicit_grant'
    | 'pull_requests';
  readonly message: string;
  /** What to do. */
  readonly fix: string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY_MS = 86_400_000;
/** Longer than Entra's own advice for a secret (Entra: application credentials). */
const LONG_MS = 2 * 365 * DAY_MS;

/**
 * What is wrong with a registration, or soon will be. Worst first.
 *
 * @param now milliseconds since the epoch
 * @param withinMs how far to look ahead
 */
export function findingsIn(
  facts: RegistrationFacts,
  now: number,
  withinMs: number,
): readonly RegistrationFinding[] {
  const order = { ended: 0, ends: 1, warning: 2 } as const;
  return [
    ...facts.credentials.flatMap((one) => endOf(one, now, withinMs, facts.clientId)),
    ...secrets(facts),
    ...owners(facts),
    ...facts.redirects.flatMap(unsafe),
    ...implicit(facts),
  ].sort((one, other) => order[one.severity] - order[other.severity]);
}

/** Whole days until a time; negative after it. */
export function daysUntil(time: number, now: number): number {
  return Math.floor((time - now) / DAY_MS);
}

function endOf(
  one: CredentialFacts,
  now: number,
  withinMs: number,
  clientId: string,
): readonly RegistrationFinding[] {
  const { kind, name, endsAt, subject } = one;
  if (kind === 'federated credential') return subject?.endsWith(':pull_request') ? [pullRequests(name)] : [];
  // It stands in a command that people copy: what is not an ID is left out.
  const keyId = GUID.test(one.keyId ?? '') ? one.keyId : undefined;
  const what = `The ${kind} ${name}`;
  if (endsAt === undefined) {
    return [
      {
        severity: 'warning',
        code: 'credential_never_ends',
        message: `${what} has no end.`,
        fix: 'Give it one, or replace it by a federated credential.',
      },
    ];
  }
  const remove =
    keyId === undefined
      ? ''
      : ` Remove the old one: az ad app credential delete --id ${clientId} --key-id ${keyId}${kind === 'certificate' ? ' --cert' : ''}.`;
  const renew =
    kind === 'secret'
      ? `Use a federated credential, or add a new secret: az ad app credential reset --id ${clientId} --append.`
      : `Add the next certificate, and deploy it: az ad app credential reset --id ${clientId} --append --cert @next.pem.`;
  const date = new Date(endsAt).toISOString().slice(0, 10);
  if (endsAt <= now) {
    return [
      {
        severity: 'ended',
        code: 'credential_ended',
        message: `${what} ended on ${date}.`,
        fix: `If nothing uses it, remove it. ${renew}${remove}`,
      },
    ];
  }
  if (endsAt - now <= withinMs) {
    const days = daysUntil(endsAt, now);
    return [
      {
        severity: 'ends',
        code: 'credential_ends',
        message: `${what} ends on ${date}, in ${days} day${days === 1 ? '' : 's'}.`,
        fix: `${renew}${remove}`,
      },
    ];
  }
  return endsAt - now > LONG_MS
    ? [
        {
          severity: 'warning',
          code: 'credential_never_ends',
          message: `${what} ends on ${date}, more than two years from now.`,
          fix: 'Replace it by one that ends sooner, or by a federated credential.',
        },
      ]
    : [];
}

function pullRequests(name: string): RegistrationFinding {
  return {
    severity: 'warning',
    code: 'pull_requests',
    message: `The federated credential ${name} accepts jobs of pull requests: each person who may open one has its permissions.`,
    fix: 'Replace it by one of an environment or a branch.',
  };
}

function secrets({ credentials }: RegistrationFacts): readonly RegistrationFinding[] {
  const count = credentials.filter(({ kind }) => kind === 'secret').length;
  if (count === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'secret',
      message: `There ${count === 1 ? 'is 1 client secret' : `are ${count} client secrets`}: text that can be copied.`,
      fix: 'On Azure, GitHub Actions and Kubernetes use a federated credential: entra-guard client add <name> --federated … prints the steps.',
    },
  ];
}

function owners({ owners: names }: RegistrationFacts): readonly RegistrationFinding[] {
  const fix =
    'Add people who answer for it: az ad app owner add --id <client ID> --owner-object-id <object ID>.';
  if (names === undefined) {
    return [
      {
        severity: 'warning',
        code: 'owners_unknown',
        message: 'Who owns it was not told.',
        fix: 'Add --owners: az ad app owner list --id <client ID> > owners.json.',
      },
    ];
  }
  if (names.length === 0) {
    return [{ severity: 'warning', code: 'no_owner', message: 'It has no owner.', fix }];
  }
  return names.length === 1
    ? [
        {
          severity: 'warning',
          code: 'one_owner',
          message: `It has one owner, ${names[0]}: no other person is asked when they leave.`,
          fix,
        },
      ]
    : [];
}

/** Hosts that a new customer gets under a name that a former one had (dangling DNS). */
const SHARED_HOSTS =
  /\.(azurewebsites\.net|cloudapp\.azure\.com|trafficmanager\.net|azureedge\.net|blob\.core\.windows\.net|herokuapp\.com|vercel\.app|netlify\.app|ngrok\.io|ngrok-free\.app)$/;

function unsafe({ platform, uri }: RedirectFacts): readonly RegistrationFinding[] {
  const found = whyUnsafe(platform, uri);
  if (found === undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'redirect_unsafe',
      message: `The redirect URI ${uri} (${platform}) ${found.why}.`,
      fix: found.fix,
    },
  ];
}

function whyUnsafe(
  platform: RedirectFacts['platform'],
  uri: string,
): { readonly why: string; readonly fix: string } | undefined {
  if (uri.includes('*')) {
    return { why: 'has a wildcard: codes go to any address that fits', fix: 'List each address.' };
  }
  if (!URL.canParse(uri)) return { why: 'is not a URL', fix: 'Remove it.' };
  const { protocol, hostname } = new URL(uri);
  const isLoopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  if (protocol === 'http:' && !isLoopback) {
    return { why: 'is http: codes can be read on the way', fix: 'Use https.' };
  }
  if (isLoopback && platform !== 'publicClient') {
    return {
      why: 'is on the machine of the person who opens it, which is for development',
      fix: 'Use another registration for development.',
    };
  }
  if (SHARED_HOSTS.test(hostname)) {
    return {
      why: 'is on a host that another customer can get once it is given up',
      fix: 'Use your domain, and remove the address before the host is deleted.',
    };
  }
  return undefined;
}

function implicit({ implicit: kinds }: RegistrationFacts): readonly RegistrationFinding[] {
  if (kinds.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'implicit_grant',
      message: `The implicit grant is on, for ${kinds.join(' and ')}: tokens stand in addresses.`,
      fix: 'Use the authorization code flow with PKCE, and turn it off: Authentication → Implicit grant and hybrid flows.',
    },
  ];
}
