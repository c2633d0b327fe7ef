// What a snippet with Passport may leave out: `<!-- check: prelude=passport -->`.
import type { OtherStrategy } from '@entra-guard/passport';
import type { Express } from 'express';

declare global {
  const tenantId: string;
  const clientId: string;
  const identityMetadata: string;
  const app: Express;
  const passport: import('passport').PassportStatic;
  const formerStrategy: OtherStrategy;
}
