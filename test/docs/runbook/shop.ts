import { anyOf, appPermissions } from '@entra-guard/core';
import {
  anonymous,
  entraGuard,
  memoryRevocations,
  type Revocations,
  revocationRoutes,
  scopes,
} from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import express from 'express5';
import { onTestFinished } from 'vitest';
import { runCommand } from '../../../packages/cli/test/run-command.js';
import { listen } from '../../support/listen.js';

/** The address of the API in what the page shows. */
const SHOWN = 'https://orders.contoso.example';

/** What a block of the page holds: commands, each with what it printed. */
export interface Terminal {
  /** Runs `entra-guard …` and notes what it printed. Ends the test where the exit code is another one. */
  run(line: string, more?: { readonly input?: string; readonly exit?: number }): Promise<string>;
  /** Asks the API as curl would, with a token by its name in the page. Returns the status. */
  curl(path: string, token?: { readonly name: string; readonly token: string }): Promise<number>;
  /** Notes what happened in between. */
  note(text: string): void;
  /** What was run so far and what it printed, without what differs from run to run. */
  printed(): string;
}

/** An orders API whose administrators can revoke, with a local Entra. */
export async function startShop(given?: Revocations) {
  const entra = await startEntra({
    apps: {
      orders: {
        scopes: ['Orders.Read', 'Orders.Write'],
        appRoles: {
          'Revocations.Revoke.All': ['Application'],
          'Revocations.Lift.All': ['Application'],
          'Orders.Read.All': ['Application'],
        },
      },
    },
  });
  onTestFinished(() => entra.close());
  const revocations = given ?? memoryRevocations({ margin: 0, now: entra.now, oneProcess: true });
  const guard = entraGuard({ ...entra.options(), revocations, log: false });
  const app = express();
  app.get('/health', guard.require(anonymous().because('the platform asks')), async (_req, res) => {
    const { status, message } = await guard.health();
    res.status(status === 'down' ? 503 : 200).json({ status, message });
  });
  app.get(
    '/orders',
    guard.require(anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))),
    (_req, res) => {
      res.json([{ id: 7 }]);
    },
  );
  app.use(revocationRoutes(guard));
  const host = await listen(app);
  onTestFinished(() => host.close());
  return { entra, guard, revocations, origin: host.origin };
}

/** A terminal of an operator of that API. `names` are values that the page shows by another name. */
export function terminalOf(
  entra: InProcessEntra,
  origin: string,
  names: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Terminal {
  const shown: string[] = [];
  const plain = (text: string): string => {
    let result = text.replaceAll(origin, SHOWN);
    for (const [value, name] of Object.entries(names)) result = result.replaceAll(value, name);
    return result
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '2026-11-30T09:12:00.000Z')
      .replace(/\b(iat|nbf|exp) \d+/g, '$1 1796093064')
      .replace(/local-entra-[\w-]+/g, 'local-entra-key');
  };
  const fetching: typeof globalThis.fetch = (input, init) =>
    String(input).startsWith(origin) ? fetch(input, init) : entra.fetch(input, init);
  return {
    async run(line, { input, exit = 0 } = {}) {
      const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      const { code, stdout, stderr } = await runCommand(args, {
        env: { NO_COLOR: '1', ...env },
        fetch: fetching,
        now: entra.now,
        ...(cwd === undefined ? {} : { cwd }),
        ...(input === undefined ? {} : { input }),
      });
      shown.push(plain(`$ entra-guard ${line}\n${stdout}${stderr}`.trimEnd()));
      if (code !== exit) throw new Error(`entra-guard ${line} ended with ${code}: ${stdout}${stderr}`);
      return stdout;
    },
    async curl(path, token) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token.token}` };
      const answer = await fetch(`${origin}${path}`, { headers });
      const flag = token === undefined ? '' : ` -H "Authorization: Bearer $${token.name}"`;
      shown.push(
        plain(`$ curl -s -w ' %{http_code}' ${SHOWN}${path}${flag}\n${await answer.text()} ${answer.status}`),
      );
      return answer.status;
    },
    note: (text) => void shown.push(`# ${text}`),
    printed: () => shown.join('\n'),
  };
}
