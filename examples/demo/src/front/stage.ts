import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDecisionService, serverConfiguration } from '@entra-guard/proxy';
import { freePort } from '@entra-guard/scripts/free-port.mjs';
import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { listening, type Running, startNest } from '../apis.js';
import { registrations } from '../registrations.js';
import { acceptsAt } from './accepts-at.js';
import { readDemoPolicy } from './policy.js';

/** What the wiki was asked for last: it knows nothing of identity. */
export interface Wiki {
  readonly asked: string[];
}

/** Two applications, a decision service, and nginx in front of them, where that is installed. */
export interface FrontStage {
  readonly entra: LoopbackEntra;
  readonly wiki: Wiki;
  /** Where nginx listens; `undefined` where it is not installed: then the service is asked as nginx would. */
  readonly nginx: string | undefined;
  /** Where the decision service listens. */
  readonly service: string;
  close(): Promise<void>;
}

/** Whether nginx is installed here. */
export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0;

/**
 * Starts all of it. The servers' ports are known first, since the policy names them.
 *
 * @param withNginx whether nginx is in front
 */
export async function setFrontStage(withNginx: boolean): Promise<FrontStage> {
  const entra = await startEntra({ apps: registrations, port: 0 });
  const closing: (() => Promise<unknown> | unknown)[] = [() => entra.close()];
  const close = async () => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const asked: string[] = [];
    const wiki = await listening((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('The wiki.\n');
    });
    closing.push(wiki.close);
    const [ordersPort, servicePort, nginxPort] = [await freePort(), await freePort(), await freePort()];
    const { authority } = entra;
    const env = {
      AUTHORITY: authority,
      CLIENT_ID: entra.clientIdOf('orders'),
      WIKI: originOf(wiki),
      ORDERS: `http://127.0.0.1:${ordersPort}`,
    };
    const policy = readDemoPolicy(env);
    const listen = `127.0.0.1:${servicePort}`;
    const service = await createDecisionService({
      policy,
      dialect: 'nginx',
      listen,
      admin: '127.0.0.1:0',
      log: false,
    }).listen();
    closing.push(() => service.close());
    const { issuer, adminUrl } = service;
    const assertion = { issuer, audience: 'orders', jwksUri: `${adminUrl}/jwks.json` };
    const orders = await startNest({ assertion, log: false }, ordersPort);
    closing.push(orders.close);
    if (withNginx) {
      const files = serverConfiguration(policy, 'nginx', {
        service: listen,
        server: `127.0.0.1:${nginxPort}`,
      });
      closing.push(await startNginx(files, nginxPort));
    }
    return {
      entra,
      wiki: { asked },
      nginx: withNginx ? `http://127.0.0.1:${nginxPort}` : undefined,
      service: service.url,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const originOf = ({ origin }: Running): string => origin.replace('localhost', '127.0.0.1');

/** Starts nginx with files of its own, as this user, on loopback. @returns ends it */
async function startNginx(
  files: readonly { readonly name: string; readonly text: string }[],
  port: number,
): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-demo-'));
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  const settings = `daemon off; pid ${join(folder, 'nginx.pid')}; error_log stderr;`;
  const child: ChildProcess = spawn(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', settings],
    {
      stdio: 'ignore',
    },
  );
  const end = (): void => {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`nginx ended with status ${code}.`)));
  });
  ended.catch(() => {});
  try {
    await Promise.race([acceptsAt(port), ended]);
    return end;
  } catch (error) {
    end();
    throw error;
  }
}
