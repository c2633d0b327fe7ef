import { existsSync } from 'node:fs';
import type { Host } from '../host.js';
import { type Check, ok, problem, warning } from './check.js';

const OLDEST = '20.19.0';

/** Whether this Node is one that entra-guard runs on. */
export function checkNode({ nodeVersion }: Pick<Host, 'nodeVersion'>): Check {
  return isAtLeast(nodeVersion, OLDEST)
    ? ok('node', nodeVersion)
    : problem('node', `${nodeVersion}, which is too old`, `Use ${OLDEST} or later.`);
}

/** Whether requests go where the environment says that they should. */
export function checkProxy(
  { env, nodeVersion }: Pick<Host, 'env' | 'nodeVersion'>,
  url: string | undefined,
): Check {
  const { protocol = 'https:', hostname = '' } = url === undefined ? {} : new URL(url);
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const name = [...names, 'all_proxy', 'ALL_PROXY'].find((one) => env[one]);
  if (name === undefined) return ok('proxy', 'none is set');
  const proxy = `${name} is ${withoutPassword(env[name] ?? '')}`;
  if (isExempt(hostname, env.no_proxy ?? env.NO_PROXY ?? ''))
    return ok('proxy', `${proxy}, and NO_PROXY exempts ${hostname}`);
  const wanted = env.NODE_USE_ENV_PROXY === '1' || env.NODE_OPTIONS?.includes('--use-env-proxy') === true;
  const able =
    isAtLeast(nodeVersion, '24.0.0') ||
    (isAtLeast(nodeVersion, '22.21.0') && !isAtLeast(nodeVersion, '23.0.0'));
  if (wanted && able && !name.toLowerCase().startsWith('all')) return ok('proxy', `${proxy}, and is used`);
  return warning(
    'proxy',
    `${proxy}, and Node's fetch goes past it`,
    able
      ? 'Set NODE_USE_ENV_PROXY=1 and HTTPS_PROXY, or give the guard a fetch that goes through the proxy.'
      : 'Give the guard a fetch that goes through the proxy, or use Node 24 with NODE_USE_ENV_PROXY=1.',
  );
}

/** What the environment says of certificates, which goes before what an exchange showed. */
export function checkTrust({ env }: Pick<Host, 'env'>): Check | undefined {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    return problem(
      'certificates',
      'NODE_TLS_REJECT_UNAUTHORIZED is 0: an attacker on the network can hand out forged keys',
      "Remove it. For a proxy or an authority with a certificate of your own, set NODE_EXTRA_CA_CERTS to its issuer's.",
    );
  }
  const extra = env.NODE_EXTRA_CA_CERTS;
  if (extra && !existsSync(extra)) {
    return problem(
      'certificates',
      `NODE_EXTRA_CA_CERTS is ${extra}, which is not there`,
      'Correct the path: Node goes on without those certificates.',
    );
  }
  return undefined;
}

/** Whether a version is at least another, number by number. */
export function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((one) => one.split('.').map(Number)) as [number[], number[]];
  const difference = a.map((part, index) => part - (b[index] ?? 0)).find((one) => one !== 0);
  return (difference ?? 0) >= 0;
}

function withoutPassword(proxy: string): string {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  // "host:port" reads as a protocol.
  return url?.host ? `${url.protocol}//${url.host}` : proxy.replace(/^.*@/, '');
}

/** As curl and most others read NO_PROXY: host names and ends of them, with commas or blanks between. */
function isExempt(hostname: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .map((one) => one.replace(/^\*?\./, '').replace(/:[0-9]+$/, ''))
    .some((one) => one === '*' || (one !== '' && (hostname === one || hostname.endsWith(`.${one}`))));
}
