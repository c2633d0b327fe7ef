import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { contenderNamed } from '../contenders/names.js';
import { readAuthority } from '../engine/authority.js';
import { inDevelopment } from '../engine/in-development.js';
import { answer } from './answering.js';

const [name = '', authorityFile = ''] = process.argv.slice(2);
const authority = readAuthority(authorityFile);
const contender = await contenderNamed(name);

/** What the route answers: a short list, as JSON. */
const orders = [{ id: 1, item: 'Tea', pieces: 3 }];

/** As an API has one: an answer for the client, and nothing on the console. */
const refuse: ErrorRequestHandler = (error: { status?: number; headers?: object }, _, response, __) => {
  response
    .status(error.status ?? 500)
    .set(error.headers ?? {})
    .end();
};

async function application(): Promise<Express> {
  const app = express();
  app.get('/orders', ...(await inDevelopment(() => contender.handlers(authority))), (_, response) => {
    response.json(orders);
  });
  app.use(refuse);
  return app;
}

const app = await application();
const server = createServer((request, response) => app(request, response));
server.keepAliveTimeout = 60_000;

const questions = {
  setup: () => contender.setup,
  listen: async (): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
  collectGarbage: () => {
    globalThis.gc?.();
  },
  /** Microseconds of all threads so far. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

export type ServerQuestions = typeof questions;
answer(questions);
