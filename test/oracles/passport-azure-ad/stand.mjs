// @ts-check
import { createServer, request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { inherits } from 'node:util';
import express5 from 'express5';
import { VERIFIES } from './verifies.mjs';

const load = createRequire(import.meta.url);

/**
 * An application with one strategy, as plain data.
 *
 * @typedef {object} Setup
 * @property {unknown} options for the constructor
 * @property {boolean} [frozen] they are frozen
 * @property {object} [later] members written into the options after construction
 * @property {string} verify a name in VERIFIES; with any other name there is no verify
 * @property {'express' | 'callback' | 'several' | 'nest'} host several: a second strategy accepts requests with x-key
 * @property {'new' | 'class' | 'util.inherits' | 'nothing'} [made] how the strategy is made. Default: new
 * @property {'old' | 'new'} generation Express 4 with Passport 0.6, or Express 5 with Passport 0.7
 * @property {object} [authenticate] options of passport.authenticate
 */

/**
 * @typedef {object} Ask
 * @property {string} [method]
 * @property {string} [path]
 * @property {readonly (readonly [name: string, value: string])[]} [headers] sent as they are
 * @property {string} [body]
 */

/**
 * What was seen of one request: the response, and the calls of verify.
 *
 * @typedef {object} Seen
 * @property {'answer'} kind
 * @property {number} status
 * @property {readonly string[]} challenges
 * @property {boolean} retryAfter
 * @property {string} body
 * @property {readonly VerifyCall[]} calls
 */

/**
 * @typedef {object} VerifyCall
 * @property {number} count of its arguments
 * @property {boolean} request whether the first one is the request
 * @property {unknown} claims
 */

/** @typedef {{ readonly kind: 'throws', readonly message: string }} Throws */

/**
 * @typedef {object} Stand
 * @property {(ask: Ask) => Promise<Seen>} ask
 * @property {() => Promise<void>} close
 */

/** @typedef {new (options: never, verify: never) => object} StrategyClass */

/**
 * Starts an application with a strategy of the class, on a port of loopback.
 *
 * @param {StrategyClass} BearerStrategy
 * @param {Setup} setup
 * @returns {Promise<Stand | Throws>}
 */
export async function openStand(BearerStrategy, setup) {
  /** @type {VerifyCall[]} */
  const calls = [];
  const form = VERIFIES[setup.verify];
  const verify = form && recording(form, calls);
  const options = /** @type {never} */ (setup.frozen ? Object.freeze(setup.options) : setup.options);
  let host;
  try {
    if (setup.host === 'nest') {
      // Loaded on demand: it takes a second, and few rows need it.
      const { openNest } = await import('./nest-stand.mjs');
      host = await openNest(BearerStrategy, options, verify);
    } else host = await openExpress(made(BearerStrategy, setup.made, options, verify), setup);
  } catch (error) {
    return { kind: 'throws', message: nameOf(error) };
  }
  if (setup.later) Object.assign(options, setup.later);
  const { port, close } = host;
  return {
    ask: async (ask) => {
      calls.length = 0;
      const answer = await send(port, ask);
      return { kind: 'answer', ...answer, calls: [...calls] };
    },
    close,
  };
}

/**
 * @param {(typeof VERIFIES)[string]} form
 * @param {VerifyCall[]} calls
 */
function recording(form, calls) {
  return (/** @type {unknown[]} */ ...given) => {
    const done = /** @type {import('./verifies.mjs').Done} */ (given.at(-1));
    const token = /** @type {import('./verifies.mjs').Claims} */ (given.at(-2));
    const request = /** @type {{ method?: string } | undefined} */ (
      given.length === 3 ? given[0] : undefined
    );
    const claims = structuredClone(token);
    calls.push({ count: given.length, request: request?.method !== undefined, claims });
    return form(token, done, request);
  };
}

/**
 * @param {StrategyClass} BearerStrategy
 * @param {Setup['made']} how
 * @param {never} options
 * @param {unknown} verify
 * @returns {object}
 */
function made(BearerStrategy, how, options, verify) {
  const given = /** @type {never} */ (verify);
  const callable = /** @type {Function} */ (/** @type {unknown} */ (BearerStrategy));
  if (how === 'nothing') return callable(options, given);
  if (how === 'class') {
    return new (class AzureStrategy extends BearerStrategy {
      name = 'oauth-bearer';
    })(options, given);
  }
  if (how !== 'util.inherits') return new BearerStrategy(options, given);
  /** @this {object} */
  function AzureStrategy() {
    callable.call(this, options, given);
  }
  inherits(AzureStrategy, BearerStrategy);
  return Reflect.construct(AzureStrategy, []);
}

/** Accepts requests with a key. */
class KeyStrategy {
  name = 'key';
  /** @param {{ headers: Record<string, unknown> }} request */
  authenticate({ headers }) {
    const { success, fail } = /** @type {Record<string, (told: unknown) => void>} */ (
      /** @type {unknown} */ (this)
    );
    if (headers['x-key'] === 'right') success?.({ by: 'key' });
    else fail?.('Key');
  }
}

/**
 * @param {object} strategy
 * @param {Setup} setup
 */
async function openExpress(strategy, { generation, authenticate, host }) {
  /** @type {typeof express5} */
  const express = generation === 'old' ? load('express4') : express5;
  const { Passport } = load(generation === 'old' ? 'passport06' : 'passport07');
  const passport = new Passport();
  passport.use(strategy);
  passport.use(new KeyStrategy());
  const app = express();
  app.use(express.json(), express.urlencoded({ extended: true }));
  const options = { session: false, ...authenticate };
  if (host === 'callback') app.all('/', withCallback(passport, options));
  else {
    const names = host === 'several' ? ['oauth-bearer', 'key'] : 'oauth-bearer';
    app.all('/', passport.authenticate(names, options), tell);
  }
  app.use(onError);
  const server = createServer(app);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () =>
    new Promise((resolve) => {
      server.close(() => resolve(undefined));
      server.closeAllConnections();
    });
  return { port, close };
}

/**
 * @param {import('express5').Request} req
 * @param {import('express5').Response} res
 */
function tell(req, res) {
  const { user, authInfo } = /** @type {{ user?: unknown, authInfo?: unknown }} */ (req);
  res.json({ user, authInfo });
}

/**
 * @param {any} error
 * @param {import('express5').Request} _req
 * @param {import('express5').Response} res
 * @param {unknown} _next unused, but Express recognises an error handler by its four parameters
 */
function onError(error, _req, res, _next) {
  res
    .status(error?.status ?? 500)
    .set(error?.headers ?? {})
    .json({ error: nameOf(error) });
}

/**
 * The custom callback of many samples. It answers with its arguments.
 *
 * @param {{ authenticate: (...given: unknown[]) => import('express5').RequestHandler }} passport
 * @param {object} options
 * @returns {import('express5').RequestHandler}
 */
function withCallback(passport, options) {
  return (req, res, next) => {
    const tellAll = (
      /** @type {unknown} */ error,
      /** @type {unknown} */ user,
      /** @type {unknown} */ info,
      /** @type {unknown} */ status,
    ) => {
      const told = {
        error: error ? nameOf(error) : null,
        user,
        info: info instanceof Error ? nameOf(info) : info,
      };
      res
        .status(user ? 200 : 401)
        .json({ callback: { ...told, ...(status === undefined ? {} : { status }) } });
    };
    void passport.authenticate('oauth-bearer', options, tellAll)(req, res, next);
  };
}

/** @param {unknown} error */
function nameOf(error) {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : JSON.stringify(error);
  // The name of a built-in error shows that the code did not expect it.
  return error instanceof TypeError || error instanceof SyntaxError
    ? `${error.name}: ${error.message}`
    : error.message;
}

/**
 * @param {number} port
 * @param {Ask} ask
 * @returns {Promise<Omit<Seen, 'kind' | 'calls'>>}
 */
function send(port, { method = 'GET', path = '/', headers = [], body }) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: ['Host', `127.0.0.1:${port}`, 'Connection', 'close', ...headers.flat(), ...length],
    });
    outgoing.once('error', reject);
    outgoing.once('response', async (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      for await (const chunk of incoming) text += chunk;
      resolve({
        status: incoming.statusCode ?? 0,
        challenges: incoming.headersDistinct['www-authenticate'] ?? [],
        retryAfter: incoming.headers['retry-after'] !== undefined,
        body: text,
      });
    });
    outgoing.end(body);
  });
}
