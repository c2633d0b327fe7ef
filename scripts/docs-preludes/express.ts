// What an Express snippet may leave out: `<!-- check: prelude=express -->`.
import type { AuthContext, ValidatorOptions } from '@entra-guard/core';
import type { Express, RequestHandler } from 'express';

declare global {
  const tenantId: string;
  const clientId: string;
  const options: ValidatorOptions;
  const app: Express;
  const guard: ReturnType<typeof import('@entra-guard/express').entraGuard>;
  const create: RequestHandler;
  const list: RequestHandler;
  const remove: RequestHandler;
  const swaggerClientId: string;
  function listFor(caller: AuthContext['objectId']): readonly unknown[];
}
