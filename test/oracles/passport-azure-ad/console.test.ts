import { afterEach, expect, it, vi } from 'vitest';
import { AuthorityServer } from '../../support/authority-server.js';
import { API } from '../../support/forger.js';
import { OriginalProcess } from './original-process.js';
import { Ours } from './ours.js';
import { published } from './published.js';
import { BASE } from './row.js';
import type { Ask, Setup } from './stand.mjs';
import { START, user } from './tokens.js';

const good = user();
const bad = user({ aud: '00000003-0000-0000-c000-000000000000' });
const asks: readonly Ask[] = [good, bad].map((token) => ({
  headers: [['Authorization', `Bearer ${token}`]],
}));

const setup = (options: object): Setup => ({
  options: { ...BASE, ...options },
  verify: 'everybody',
  host: 'express',
  generation: 'new',
});
const talkative = { loggingLevel: 'info', loggingNoPII: false };

afterEach(() => {
  vi.restoreAllMocks();
});

async function printedByOriginal(options: object): Promise<string> {
  const authority = await AuthorityServer.start();
  authority.publish(published());
  const process = new OriginalProcess(authority);
  await process.tell({ type: 'open', setup: setup(options), survive: false, now: START * 1000 });
  for (const ask of asks) await process.tell({ type: 'ask', ask });
  await process.kill();
  await authority.close();
  return process.printed;
}

async function printedByOurs(options: object): Promise<string> {
  const lines: string[] = [];
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((...given: unknown[]) => {
      lines.push(given.map(String).join(' '));
    });
  }
  const ours = new Ours(await AuthorityServer.start(), { log: undefined });
  await ours.open(setup(options), { documents: published(), more: {}, survive: false, hangs: 'none' });
  for (const ask of asks) await ours.ask(ask);
  await ours.close();
  await ours.end();
  return lines.join('\n');
}

it('with loggingNoPII: false the original writes whole tokens to the console, and entra-guard never does', async () => {
  expect(await printedByOriginal(talkative)).toContain(good);
  const printed = await printedByOurs(talkative);
  expect(printed).toContain('Microsoft Graph');
  for (const part of [good, bad].flatMap((token) => token.split('.'))) expect(printed).not.toContain(part);
});

it('by default the original does not log a refusal, and entra-guard logs what is wrong', async () => {
  expect(await printedByOriginal({})).toBe('');
  const printed = await printedByOurs({});
  expect(printed).toContain('Microsoft Graph');
  expect(printed).toContain(API);
});
