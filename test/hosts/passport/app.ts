import { createRequire } from 'node:module';
import { BearerStrategy, type IBearerStrategyOption, type VerifyBearerFunction } from '@entra-guard/passport';
import type { InProcessEntra } from '@entra-guard/testing';
import express4 from 'express4';
import express5, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express5';
import type passport from 'passport';
import { listen } from '../../support/listen.js';

const load = createRequire(import.meta.url);

type Passport = passport.PassportStatic & { readonly Passport: new () => passport.Authenticator };

/** The supported combinations of Express and Passport. */
export const hosts = [
  ['Express 4 and Passport 0.6', express4 as unknown as typeof express5, load('passport06') as Passport],
  ['Express 5 and Passport 0.7', express5, load('passport07') as Passport],
] as const;

export type Host = (typeof hosts)[number];

/** Returns options that trust the local Entra: `identityMetadata` and `clientID`. */
export function trusting(
  entra: InProcessEntra,
  changes: Partial<IBearerStrategyOption> = {},
): IBearerStrategyOption {
  const { tenantId, clientId, fetch } = entra.options();
  return {
    identityMetadata: `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`,
    clientID: clientId,
    fetch,
    log: false,
    ...changes,
  };
}

/** The verify of most samples: accepts every valid token, with the claims in `req.authInfo`. */
export const everybody: VerifyBearerFunction = (token, done) => done(null, {}, token);

/** The response. */
export interface Answer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Makes an app whose only route answers with the user that passport found. */
export function appOf(
  [, express, { Passport }]: Host,
  strategy: passport.Strategy,
  options: object = {},
): Express {
  const authenticator = new Passport();
  authenticator.use(strategy);
  const app = express();
  const tell: RequestHandler = (req, res) => {
    res.json({ user: req.user, authInfo: req.authInfo });
  };
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    res
      .status(error.status ?? 500)
      .set(error.headers ?? {})
      .json({ error: error.message });
  };
  app.use(express.json(), express.urlencoded({ extended: false }));
  app.all('/', authenticator.authenticate('oauth-bearer', { session: false, ...options }), tell);
  app.use(onError);
  return app;
}

/** Sends one request to an app. */
export async function ask(
  app: Express,
  request: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<Answer> {
  const host = await listen(app);
  try {
    const { method = 'GET', path = '/', headers = {}, body } = request;
    const response = await fetch(`${host.origin}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate') ?? undefined,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  } finally {
    await host.close();
  }
}

/** Sends one request to an app that has only this strategy. */
export function askStrategy(
  host: Host,
  options: IBearerStrategyOption,
  headers: Readonly<Record<string, string>> = {},
  verify: VerifyBearerFunction = everybody,
): Promise<Answer> {
  return ask(appOf(host, new BearerStrategy(options, verify)), { headers });
}
