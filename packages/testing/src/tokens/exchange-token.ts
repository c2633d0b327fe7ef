import type { App } from '../directory/apps.js';
import { envelopeFor, lifetimes } from './token-envelope.js';
import type { TokenSources } from './token-maker.js';

/** The audience of tokens for workload identity federation. */
export const TOKEN_EXCHANGE = 'api://AzureADTokenExchange';
/** The application ID behind it, which is in the tokens of managed identities. */
export const TOKEN_EXCHANGE_ID = 'fb60f99c-7a34-4190-8149-302f77469936';

/** Makes the claims of a managed identity's token that is used as a federated credential. */
export function exchangeClaims(sources: TokenSources, { clientId, oid }: App): Record<string, unknown> {
  return {
    ...exchangeEnvelope(sources, TOKEN_EXCHANGE_ID, lifetimes.managedIdentity),
    azp: clientId,
    azpacr: '2',
    idtyp: 'app',
    oid,
    sub: oid,
  };
}

/** Makes the claims that every token for workload identity federation has. @param lifetime seconds from now */
export function exchangeEnvelope(
  sources: Pick<TokenSources, 'authority' | 'now' | 'tenants'>,
  audience: string,
  lifetime: number,
): Record<string, unknown> {
  return envelopeFor(sources, audience, { tenant: sources.tenants.home, version: '2.0', lifetime });
}
