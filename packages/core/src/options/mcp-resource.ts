import { isLoopback, isSecure } from '../base/loopback.js';
import { printable } from '../base/printable.js';

/** Why a URL can't be the resource of an MCP server behind Entra. */
export interface McpResourceProblem {
  /** What Entra would answer a client: `AADSTS9010010` or `AADSTS500011`. */
  readonly code: 'AADSTS9010010' | 'AADSTS500011';
  /** The value, bounded and escaped, without a user and a password. */
  readonly found: string;
  readonly expected: string;
  /** What to change, and where. */
  readonly hint: string;
}

const EXPECTED = 'an absolute https URL with a path, such as https://mcp.contoso.com/mcp';
/** Entra: "Validation differences by supported account types", the longest identifier URI for accounts of an organization. */
const LONGEST = 255;

/** One rule about the URL: the code if it is broken, and the hint. */
interface Rule {
  readonly breaks: (url: URL, text: string) => boolean;
  readonly code: McpResourceProblem['code'];
  readonly hint: (url: URL) => string;
}

/** In the order in which they are asked. The first that is broken decides. */
const RULES: readonly Rule[] = [
  {
    // Clients refuse metadata whose resource is not their server's URL (MCP 2025-06-18, authorization).
    breaks: ({ protocol }) => protocol === 'api:',
    code: 'AADSTS9010010',
    hint: () =>
      'Clients of MCP send the URL of the server as the resource, and not an api:// URI. Add the URL to "Application ID URI" of the registration (identifierUris), and use it as the resource.',
  },
  {
    // RFC 8707 has the URI without these; in a URL they end in logs.
    breaks: ({ username, password }) => username !== '' || password !== '',
    code: 'AADSTS9010010',
    hint: () => 'Remove user and password from the URL.',
  },
  {
    // Entra: "Restrictions on identifier URIs"; https, and http on this machine for a local Entra.
    breaks: (url) => !isSecure(url),
    code: 'AADSTS500011',
    hint: () =>
      'Serve it over https: Entra registers no other URL. Plain http is for this machine, with a local Entra.',
  },
  {
    breaks: ({ hostname }) => hostname.includes('*'),
    code: 'AADSTS500011',
    hint: () => 'Name the host without a wildcard: Entra registers none.',
  },
  {
    // RFC 8707, section 2.
    breaks: (_, text) => text.includes('#'),
    code: 'AADSTS9010010',
    hint: () => 'Remove the fragment: a resource has none (RFC 8707).',
  },
  {
    breaks: (_, text) => text.includes('?'),
    code: 'AADSTS9010010',
    hint: () => 'Remove the query: an application ID URI has none.',
  },
  {
    // An application ID URI can't end in a slash, and some clients send the URL of an origin with one.
    breaks: ({ pathname }) => pathname === '/',
    code: 'AADSTS9010010',
    hint: ({ origin }) =>
      `The URL has no path. Clients add a slash to it, and an application ID URI can't end in one: serve MCP at ${origin}/mcp.`,
  },
  {
    breaks: ({ pathname }) => pathname.endsWith('/'),
    code: 'AADSTS9010010',
    hint: ({ href }) =>
      `Remove the slash at the end, in the registration and in the clients: ${printable(href.replace(/\/+$/, ''))}. An application ID URI can't end in one.`,
  },
  {
    // Entra compares character for character, and clients send what URL parsers make of it.
    breaks: ({ href }, text) => href !== text,
    code: 'AADSTS9010010',
    hint: ({ href }) => `Write it as clients send it: ${printable(href)}.`,
  },
  {
    breaks: (_, text) => text.length > LONGEST,
    code: 'AADSTS500011',
    hint: () => `Shorten it: an application ID URI has at most ${LONGEST} characters.`,
  },
];

/**
 * Judges the URL of an MCP server: can it be the application ID URI, the `resource` of the metadata and what clients send?
 * Entra compares the `resource` of a request with the application ID URIs character for character.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/secure-mcp-server-with-entra-id
 *
 * @returns `undefined` if it can
 */
export function mcpResourceProblem(resource: unknown): McpResourceProblem | undefined {
  if (typeof resource !== 'string' || !URL.canParse(resource)) {
    return {
      code: 'AADSTS500011',
      found: printable(resource),
      expected: EXPECTED,
      hint: 'The value is not a URL. Use the URL at which clients reach the MCP server. Is an environment variable unset?',
    };
  }
  const url = new URL(resource);
  const broken = RULES.find(({ breaks }) => breaks(url, resource));
  if (broken === undefined) return undefined;
  const hidden = url.username !== '' || url.password !== '';
  return {
    code: broken.code,
    found: hidden ? `${url.protocol}//…@${printable(url.host)}` : printable(resource),
    expected: EXPECTED,
    hint: broken.hint(url),
  };
}

/** Domains of clouds and tunnels, which belong to no tenant that could verify them. */
const OF_OTHERS = [
  'azurewebsites.net',
  'azurecontainerapps.io',
  'azure-api.net',
  'azurefd.net',
  'cloudapp.azure.com',
  'azurestaticapps.net',
  'devtunnels.ms',
  'ngrok.io',
  'ngrok.app',
  'ngrok-free.app',
  'ngrok.dev',
  'trycloudflare.com',
  'workers.dev',
  'vercel.app',
  'netlify.app',
  'onrender.com',
  'fly.dev',
  'run.app',
  'amazonaws.com',
  'herokuapp.com',
];

/**
 * Warns of a URL whose host can't be in an application ID URI: that needs a domain that the tenant has verified (Entra:
 * "Restrictions on identifier URIs"). Microsoft's page on MCP names such a host as an example, and reports from the field
 * say that it is refused, so this is not a problem but a warning.
 *
 * @returns `undefined` for any other host, this machine, and what is not a URL
 */
export function mcpHostWarning(resource: unknown): string | undefined {
  if (typeof resource !== 'string' || !URL.canParse(resource)) return undefined;
  const { hostname } = new URL(resource);
  if (isLoopback(hostname)) return undefined;
  const isAddress = /^[0-9.]+$|^\[/.test(hostname);
  if (!isAddress && !OF_OTHERS.some((domain) => hostname.endsWith(`.${domain}`))) return undefined;
  return `An application ID URI with https needs a domain that the tenant has verified, and ${printable(hostname)} ${isAddress ? 'is an address' : 'belongs to a provider'}. Give the server a name in your domain.`;
}
