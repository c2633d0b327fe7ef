// What a snippet of a test may leave out: `<!-- check: prelude=testing -->`.
import type { Server } from 'node:http';
import type { ValidatorOptions } from '@entra-guard/core';
import type { InProcessEntra } from '@entra-guard/testing';
import type { Requests } from 'supertest';

declare global {
  const startEntra: typeof import('@entra-guard/testing').startEntra;
  const entra: InProcessEntra;
  function createApp(options: ValidatorOptions): Server;
  const api: Server;
  const request: Requests;
  const test: typeof import('vitest').test;
  const it: typeof import('vitest').it;
  const expect: typeof import('vitest').expect;
}
