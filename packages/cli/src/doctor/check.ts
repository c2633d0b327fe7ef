/** What is looked at, in this order. */
export type CheckName =
  | 'configuration'
  | 'node'
  | 'proxy'
  | 'certificates'
  | 'reachability'
  | 'clock'
  | 'metadata'
  | 'keys'
  | 'issuers'
  | 'redis'
  | 'encryption'
  | 'user'
  | 'eviction'
  | 'persistence'
  | 'replicas'
  | 'epoch'
  | 'records'
  | 'stream'
  | 'feed'
  | McpCheckName;

/** What is looked at of an MCP server, in this order. `metadata`: of the protected resource. */
export type McpCheckName =
  | 'url'
  | 'answer'
  | 'challenge'
  | 'metadata'
  | 'resource'
  | 'scopes'
  | 'cors'
  | 'authority'
  | 'discovery'
  | 'issuer'
  | 'pkce'
  | 'registration'
  | 'consent'
  | 'token'
  | 'origin'
  | 'stream';

/** What one look came to. */
export interface Check {
  readonly name: CheckName;
  /** `skipped`: could not be looked at, because of something above. */
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly found: string;
  /** What to change, and where. */
  readonly hint?: string;
  /** Of an MCP server: what is wrong, and what Entra answers to the sign-in that it leads to. */
  readonly fault?: string;
  readonly code?: string;
}

export const ok = (name: CheckName, found: string): Check => ({ name, status: 'ok', found });

export const warning = (name: CheckName, found: string, hint: string): Check => ({
  name,
  status: 'warning',
  found,
  hint,
});

export const problem = (name: CheckName, found: string, hint: string): Check => ({
  name,
  status: 'problem',
  found,
  hint,
});

export const skipped = (name: CheckName, found: string): Check => ({ name, status: 'skipped', found });
