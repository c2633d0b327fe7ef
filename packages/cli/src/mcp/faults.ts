import type { CheckName } from '../doctor/check.js';
import { CLIENTS, type ClientName } from './clients.js';

/** What can be wrong with an MCP server behind Entra, as clients see it. */
export type FaultName =
  | 'url_unfit'
  | 'host_unverified'
  | 'unreachable'
  | 'redirects'
  | 'open'
  | 'no_401'
  | 'refused_for_good'
  | 'discover_open'
  | 'scheme_in_other_letters'
  | 'no_resource_metadata'
  | 'header_not_usable'
  | 'header_leads_nowhere'
  | 'no_metadata'
  | 'no_metadata_at_path'
  | 'copies_differ'
  | 'resource_missing'
  | 'resource_is_api_uri'
  | 'resource_differs_by_slash'
  | 'resource_is_parent'
  | 'resource_is_other'
  | 'scopes_nowhere'
  | 'scope_not_in_challenge'
  | 'scopes_short'
  | 'scopes_of_other_resource'
  | 'offline_access_asked'
  | 'no_cors'
  | 'no_authorization_server'
  | 'authority_not_usable'
  | 'no_authority_metadata'
  | 'tenant_shared'
  | 'tenant_by_name'
  | 'issuer_missing'
  | 'issuer_differs'
  | 'issuer_differs_by_slash'
  | 'pkce_refused'
  | 'pkce_not_advertised'
  | 'no_registration'
  | 'consent_every_time'
  | 'garbage_accepted'
  | 'garbage_not_401'
  | 'foreign_origin_accepted'
  | 'inspector_refused'
  | 'stream_open'
  | 'stream_fails';

/** What a fault means, and to whom. */
export interface FaultRule {
  readonly check: CheckName;
  /** `note`: as Entra is; nothing is to be changed on the server. */
  readonly status: 'problem' | 'warning' | 'note';
  /** What Entra answers to the sign-in that it leads to. */
  readonly code?: string;
  /** What to change, and where. */
  readonly hint: string;
  /** Clients that do not connect. */
  readonly stops?: readonly ClientName[];
  /** Clients that connect, but not everywhere or not for everybody. */
  readonly hinders?: readonly ClientName[];
}

const ALL: readonly ClientName[] = CLIENTS;
/** Clients that read the metadata. Copilot Studio is told the endpoints by hand. */
const READERS = ALL.filter((client) => client !== 'Copilot Studio');
/** Readers of what the authorization server supports: VS Code's built-in provider knows Entra. */
const DISCOVERERS = READERS.filter((client) => client !== 'VS Code');
/** Readers that are not told scopes in their settings, which win over those of the server. */
const SCOPE_READERS = READERS.filter((client) => client !== 'Cursor' && client !== 'Claude Code');
const WITH_SCOPES: readonly ClientName[] = ['Claude Code', 'Cursor'];
/** Readers that always send the resource: mcp-remote leaves it out where it is told so, and then does not compare it. */
const RESOURCE_SENDERS = READERS.filter((client) => client !== 'mcp-remote');
const except = (...left: readonly ClientName[]): readonly ClientName[] =>
  ALL.filter((client) => !left.includes(client));

/** What only a registration at Entra can say of the URL. */
const REGISTER_URL =
  'Register the URL of the server, character for character, as an application ID URI (identifierUris), and use it as resource.';

/**
 * The table by which verdicts are computed, one row a fault. Evidence, as of November 2026: [run] seen with the SDK of the name, [R] read in the
 * client's source, [D] specification or documentation of the vendor, [F] reports of users, [I] concluded from these.
 */
export const RULES: Readonly<Record<FaultName, FaultRule>> = {
  // [D] secure-mcp-server-with-entra-id; [F] anthropics/claude-ai-mcp#977. The code and the hint are those of mcpResourceProblem().
  url_unfit: { check: 'url', status: 'problem', hint: '', stops: ALL },
  // [D] against [F]: Microsoft's page shows such a host, reports say that Entra refuses it. Hence a warning.
  host_unverified: { check: 'url', status: 'warning', code: 'AADSTS500011', hint: '' },
  unreachable: {
    check: 'answer',
    status: 'problem',
    hint: 'Is the URL right, and is the server reachable from here? Clients in a cloud, as Claude on the web, reach public addresses only.',
    stops: ALL,
  },
  // [I] The resource of the metadata is then not the URL that the client was given.
  redirects: {
    check: 'answer',
    status: 'problem',
    code: 'AADSTS9010010',
    hint: 'Serve MCP at exactly the URL that clients are given: they send it as the resource. Turn off redirects that add or remove a slash.',
    hinders: ALL,
  },
  open: {
    check: 'answer',
    status: 'problem',
    hint: 'Guard the server: it talks to anybody. Requests without a token are answered 401 (MCP, "Token Handling").',
  },
  // [D] MCP, "Authorization Flow Steps": a 401 begins the sign-in.
  no_401: {
    check: 'answer',
    status: 'problem',
    hint: 'Answer 401 to a request without a token: nothing else makes a client sign in. Is the path the one at which MCP is served?',
    stops: ALL,
  },
  // [R] microsoft/vscode extHostMcp.ts takes a 403 for a 401; [run] both SDKs do not.
  refused_for_good: {
    check: 'answer',
    status: 'problem',
    hint: 'Answer 401 to a request without a token: 403 says that no token would help. VS Code alone signs in after it.',
    stops: READERS.filter((client) => client !== 'VS Code'),
  },
  discover_open: {
    check: 'answer',
    status: 'problem',
    hint: 'Guard every method, also server/discover: the path decides, and not the method.',
  },
  // [R] microsoft/vscode extHostMcp.ts compares with `Bearer`.
  scheme_in_other_letters: {
    check: 'challenge',
    status: 'warning',
    hint: 'Write the scheme as Bearer: VS Code compares the letters, and else reads neither scope nor resource_metadata.',
    hinders: ['VS Code'],
  },
  // [run] SDK v1 and v2 fall back to the well-known places.
  no_resource_metadata: {
    check: 'challenge',
    status: 'warning',
    hint: 'Name the metadata in the 401: WWW-Authenticate: Bearer resource_metadata="…", scope="…" (RFC 9728, section 5.1). Older clients look nowhere else.',
  },
  header_not_usable: {
    check: 'challenge',
    status: 'problem',
    hint: 'Name an https URL in resource_metadata. It is the only place where clients then look.',
    stops: READERS,
  },
  // [run] Both SDKs use that URL alone.
  header_leads_nowhere: {
    check: 'challenge',
    status: 'problem',
    hint: 'Serve the metadata at the URL that resource_metadata names, as JSON with status 200. Clients look nowhere else then, and the SDKs go on as if the server signed users in itself: /authorize.',
    stops: READERS,
  },
  // [D] MCP: a server MUST serve it. Copilot Studio is configured by hand.
  no_metadata: {
    check: 'metadata',
    status: 'problem',
    hint: 'Serve protected resource metadata (RFC 9728) at /.well-known/oauth-protected-resource followed by the path of the server, and name it in the 401.',
    stops: READERS,
  },
  no_metadata_at_path: {
    check: 'metadata',
    status: 'warning',
    hint: 'Serve it at /.well-known/oauth-protected-resource followed by the path of the server too: clients that lost the 401 look there first.',
  },
  copies_differ: {
    check: 'metadata',
    status: 'warning',
    hint: 'Serve one document at all places: which of them a client reads differs.',
    hinders: READERS,
  },
  // [run] Both SDKs; the member is required (RFC 9728, section 2).
  resource_missing: {
    check: 'resource',
    status: 'problem',
    hint: `Add resource to the metadata. ${REGISTER_URL}`,
    stops: READERS,
  },
  // [run] SDKs: "Protected resource api://… does not match expected …"; [F] microsoft/vscode#321249; mcp-remote#217 on its setting.
  resource_is_api_uri: {
    check: 'resource',
    status: 'problem',
    code: 'AADSTS9010010',
    hint: `Clients send the URL and not an api:// URI. ${REGISTER_URL}`,
    stops: RESOURCE_SENDERS,
    hinders: ['mcp-remote'],
  },
  // [run] SDKs refuse a longer path; [D] an application ID URI can't end in a slash.
  resource_differs_by_slash: {
    check: 'resource',
    status: 'problem',
    code: 'AADSTS9010010',
    hint: 'Use one URL, without a slash at the end: in clients, in resource and as application ID URI.',
    stops: RESOURCE_SENDERS,
    hinders: ['mcp-remote'],
  },
  // [run] SDKs accept an origin or a path prefix; [R] microsoft/vscode oauth.ts and [F] anthropics/claude-code#76096 want
  // equality; SDK 1.25 adds a slash to an origin.
  resource_is_parent: {
    check: 'resource',
    status: 'problem',
    code: 'AADSTS9010010',
    hint: REGISTER_URL,
    stops: ['VS Code', 'Claude Code'],
    hinders: except('VS Code', 'Claude Code', 'Copilot Studio'),
  },
  // [run] SDK v1 and v2.
  resource_is_other: {
    check: 'resource',
    status: 'problem',
    code: 'AADSTS9010010',
    hint: `Clients refuse metadata of another resource. ${REGISTER_URL}`,
    stops: RESOURCE_SENDERS,
    hinders: ['mcp-remote'],
  },
  // [run] A sign-in without a scope is refused; [R] VS Code asks for those of Entra, which are Microsoft Graph's. [D] Cursor, Claude
  // Code and Copilot Studio have a setting for scopes.
  scopes_nowhere: {
    check: 'scopes',
    status: 'problem',
    code: 'AADSTS900144',
    hint: 'Name fully qualified scopes in the 401 (scope="…") and as scopes_supported of the metadata.',
    stops: SCOPE_READERS,
    hinders: WITH_SCOPES,
  },
  // [F] anthropics/claude-code#89438; community.openai.com 1366784: they drop the scope when they connect again.
  scope_not_in_challenge: {
    check: 'scopes',
    status: 'warning',
    code: 'AADSTS900144',
    hint: 'Name the scopes in the 401 too: scope="https://…/Orders.Read". Some clients forget the metadata when they connect again.',
    hinders: ['ChatGPT', 'Claude (web, Desktop)', 'Claude Code'],
  },
  // [F] anthropics/claude-ai-mcp#977: deterministic; a short name is one of Microsoft Graph.
  scopes_short: {
    check: 'scopes',
    status: 'problem',
    code: 'AADSTS650053',
    hint: 'Write scopes in full, the application ID URI before the name: https://mcp.contoso.com/mcp/Orders.Read. Entra takes a short name for one of Microsoft Graph.',
    stops: SCOPE_READERS,
    hinders: WITH_SCOPES,
  },
  // [D] resource and scopes have to belong to one registration; [F] microsoft/vscode#321249.
  scopes_of_other_resource: {
    check: 'scopes',
    status: 'problem',
    code: 'AADSTS9010010',
    hint: 'Put the resource of the metadata before each scope: Entra wants both of one application ID URI.',
    stops: RESOURCE_SENDERS,
    hinders: ['mcp-remote'],
  },
  // [D] MCP: SHOULD NOT; [F] a client may add prompt=consent.
  offline_access_asked: {
    check: 'scopes',
    status: 'warning',
    code: 'AADSTS90094',
    hint: 'Remove offline_access from scope and scopes_supported: a client that wants refresh tokens asks for it (MCP, "Scope Selection Strategy").',
  },
  // [I] A page may not read it. The Inspector connects from its page where it is told to.
  no_cors: {
    check: 'cors',
    status: 'warning',
    hint: 'Send Access-Control-Allow-Origin: * with the metadata. It is public, and pages such as the Inspector read it.',
    hinders: ['MCP Inspector'],
  },
  no_authorization_server: {
    check: 'authority',
    status: 'problem',
    hint: 'Name the issuer of your tenant in authorization_servers: https://login.microsoftonline.com/<tenant ID>/v2.0.',
    stops: READERS,
  },
  authority_not_usable: {
    check: 'authority',
    status: 'problem',
    hint: 'Name an authorization server by its https URL.',
    stops: READERS,
  },
  // [run] The v2 SDK throws IssuerMismatchError, v1 does not look; the Inspector stands on v2.
  tenant_shared: {
    check: 'authority',
    status: 'problem',
    hint: 'Name the tenant by its ID: https://login.microsoftonline.com/<tenant ID>/v2.0. Metadata that tenants share has an issuer with {tenantid}.',
    stops: ['SDK v2', 'MCP Inspector'],
    hinders: except('SDK v2', 'MCP Inspector', 'Copilot Studio', 'SDK v1', 'mcp-remote'),
  },
  tenant_by_name: {
    check: 'authority',
    status: 'problem',
    hint: 'Name the tenant by its ID, a GUID, and not by a domain: its metadata has the ID in the issuer.',
    stops: ['SDK v2', 'MCP Inspector'],
  },
  // [run] Dead ends; [R] microsoft/vscode extHostMcp.ts goes on with the origin of the server, without its built-in provider.
  no_authority_metadata: {
    check: 'discovery',
    status: 'problem',
    hint: 'Is the authorization server right? Entra has its metadata at <issuer>/.well-known/openid-configuration.',
    stops: READERS,
  },
  // [run] Both SDKs refuse, [R] as does microsoft/vscode oauth.ts; the member is required (RFC 8414, section 2).
  issuer_missing: {
    check: 'issuer',
    status: 'problem',
    hint: 'Add issuer to the metadata of the authorization server: the URL that authorization_servers names.',
    stops: READERS,
  },
  // [D] MCP: a client MUST reject it. [run] v2 does, v1 does not.
  issuer_differs: {
    check: 'issuer',
    status: 'problem',
    hint: 'Name the issuer in authorization_servers exactly as its metadata has it. For Entra: the tenant ID, /v2.0, and no slash at the end.',
    stops: ['SDK v2', 'MCP Inspector'],
    hinders: ['Claude (web, Desktop)', 'Claude Code', 'Cursor', 'ChatGPT'],
  },
  // [run] Both SDKs go on; [D] MCP: a client MUST compare without changes.
  issuer_differs_by_slash: {
    check: 'issuer',
    status: 'warning',
    hint: 'Name the issuer in authorization_servers exactly as its metadata has it: that of Entra has no slash at the end. Strict clients compare the letters.',
    hinders: ['Claude (web, Desktop)', 'Claude Code', 'Cursor', 'ChatGPT'],
  },
  // [run] Both SDKs refuse.
  pkce_refused: {
    check: 'pkce',
    status: 'problem',
    hint: 'Advertise S256 in code_challenge_methods_supported, or leave the member out as Entra does.',
    stops: DISCOVERERS,
  },
  // [run] SDKs go on; [D] MCP: a client MUST refuse; excerpt of an older page of OpenAI; [F] vercel/ai#18674, zed#60358.
  pkce_not_advertised: {
    check: 'pkce',
    status: 'note',
    hint: 'Entra takes S256 all the same. Strict clients refuse; only metadata with code_challenge_methods_supported, which your server would serve, helps them.',
    hinders: ['ChatGPT'],
  },
  // [D] Entra has no dynamic registration. What to register is said for each client.
  no_registration: {
    check: 'registration',
    status: 'note',
    hint: 'Entra has no dynamic registration of clients. Register each once, see below.',
  },
  // [F] anthropics/claude-code#94804, #64013, inspector#2068, opencode#46361; [run] v2 with refresh tokens, and not v1 1.32.2.
  consent_every_time: {
    check: 'consent',
    status: 'note',
    code: 'AADSTS90094',
    hint: 'Some clients then ask with prompt=consent each time, and users who may not consent are stopped, although an administrator has consented.',
    hinders: ['SDK v2', 'MCP Inspector', 'Claude (web, Desktop)', 'Claude Code'],
  },
  garbage_accepted: {
    check: 'token',
    status: 'problem',
    hint: 'Validate tokens: signature, issuer, audience and times. This server took text that is not a token.',
  },
  // [run] Only a 401 makes a client renew a token that has expired.
  garbage_not_401: {
    check: 'token',
    status: 'problem',
    hint: 'Answer 401 with error="invalid_token" to a token that is refused: clients renew an expired token then, and fail with any other status.',
    hinders: ALL,
  },
  // [D] MCP, transports: Origin MUST be validated (DNS rebinding).
  foreign_origin_accepted: {
    check: 'origin',
    status: 'problem',
    hint: 'Answer 403 to an Origin that is not yours: a page in a browser could use a server on this machine or in its network (DNS rebinding).',
  },
  // [I] The Inspector sends the Origin of its page.
  inspector_refused: {
    check: 'origin',
    status: 'note',
    hint: 'To connect the Inspector from its page, allow the origin http://localhost:6274.',
    hinders: ['MCP Inspector'],
  },
  stream_open: {
    check: 'stream',
    status: 'problem',
    hint: 'Guard GET as POST, or answer 405 where there is no stream.',
  },
  stream_fails: {
    check: 'stream',
    status: 'warning',
    hint: 'Answer 401, or 405 where there is no stream.',
  },
};
