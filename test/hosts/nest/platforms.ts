import type { LogEntry } from '@entra-guard/core';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { onTestFinished } from 'vitest';

export type Platform = 'express' | 'fastify';

/** For `describe.each`: what is about HTTP has to hold on both. */
export const platforms: readonly Platform[] = ['express', 'fastify'];

export function adapterOf(platform: Platform): AbstractHttpAdapter {
  return platform === 'express'
    ? new ExpressAdapter()
    : (new FastifyAdapter() as unknown as AbstractHttpAdapter);
}

/** A module made of its metadata. */
export function moduleOf(metadata: ModuleMetadata): new () => object {
  @Module(metadata)
  class AppModule {}
  return AppModule;
}

/** A started application on a free port of this machine. Closed when the test ends. */
export async function serve(
  platform: Platform,
  metadata: ModuleMetadata,
  prepare: (app: INestApplication) => void = () => {},
): Promise<{ readonly origin: string; readonly app: INestApplication }> {
  const app = await create(platform, metadata);
  prepare(app);
  await app.listen(0, '127.0.0.1');
  return { app, origin: await app.getUrl() };
}

/** An application that is not started. Closed when the test ends. */
export async function create(platform: Platform, metadata: ModuleMetadata): Promise<INestApplication> {
  const app = await NestFactory.create(moduleOf(metadata), adapterOf(platform), {
    logger: false,
    abortOnError: false,
  });
  onTestFinished(() => app.close());
  return app;
}

/** What starting an application fails with; `undefined` when it starts. */
export async function bootFailure(
  metadata: ModuleMetadata,
  prepare: (app: INestApplication) => void = () => {},
): Promise<unknown> {
  try {
    const app = await create('express', metadata);
    prepare(app);
    await app.init();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A log that keeps what it is given. */
export function keptLog(): { readonly entries: LogEntry[]; readonly log: (entry: LogEntry) => void } {
  const entries: LogEntry[] = [];
  return { entries, log: (entry) => void entries.push(entry) };
}

/** The status of an answer, and its body if it is JSON. */
export async function ask(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown }> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
}
