import type { Contender } from './contender.js';

/** Each is loaded only in the processes that run it, so that none carries the others along. */
const loaders = {
  'crypto.verify': async () => (await import('./floors.js')).rawVerify,
  'crypto.verify (thread pool)': async () => (await import('./floors.js')).rawPooledVerify,
  'crypto.hash + Map': async () => (await import('./floors.js')).hashFloor,
  'needed work': async () => (await import('./floors.js')).neededWork,
  'hash-only guard': async () => (await import('./floors.js')).hashOnlyGuard,
  'constant 401': async () => (await import('./floors.js')).constant401,
  'needed work + constant 401': async () => (await import('./floors.js')).neededWorkAnd401,
  unguarded: async () => (await import('./floors.js')).unguarded,
  'entra-guard': async () => (await import('./entra-guard.js')).entraGuard,
  'entra-guard (default log)': async () => (await import('./entra-guard.js')).entraGuardDefaults,
  'entra-guard (Passport)': async () => (await import('./entra-guard-passport.js')).entraGuardPassport,
  'entra-guard, 0 records': async () => (await import('./entra-guard-records.js')).entraGuardWith(0),
  'entra-guard, 10,000 records': async () =>
    (await import('./entra-guard-records.js')).entraGuardWith(10_000),
  'entra-guard, 1,000,000 records': async () =>
    (await import('./entra-guard-records.js')).entraGuardWith(1_000_000),
  'entra-guard (MCP gate)': async () => (await import('./mcp.js')).mcpGate,
  'MCP SDK + aws-jwt-verify': async () => (await import('./mcp.js')).mcpBearerAuth,
  jose: async () => (await import('./jose.js')).jose,
  jsonwebtoken: async () => (await import('./jsonwebtoken.js')).jsonwebtoken,
  'fast-jwt': async () => (await import('./fast-jwt.js')).fastJwt,
  'fast-jwt (cache)': async () => (await import('./fast-jwt.js')).fastJwtCached,
  'aws-jwt-verify': async () => (await import('./aws-jwt-verify.js')).awsJwtVerify,
  'express-oauth2-jwt-bearer': async () =>
    (await import('./express-oauth2-jwt-bearer.js')).expressOauth2JwtBearer,
  'express-jwt + jwks-rsa': async () => (await import('./express-jwt.js')).expressJwt,
  'passport-azure-ad': async () => (await import('./passport-azure-ad.js')).passportAzureAd,
} satisfies Record<string, () => Promise<Contender>>;

export type ContenderName = keyof typeof loaders;

export function contenderNamed(name: string): Promise<Contender> {
  const load = loaders[name as ContenderName];
  if (load === undefined) throw new Error(`No contender is called "${name}".`);
  return load();
}

/** The libraries that can stand in front of an API as they are. */
export const PEERS = [
  'jose',
  'jsonwebtoken',
  'fast-jwt',
  'fast-jwt (cache)',
  'aws-jwt-verify',
  'express-oauth2-jwt-bearer',
  'express-jwt + jwks-rsa',
  'passport-azure-ad',
] as const satisfies readonly ContenderName[];
