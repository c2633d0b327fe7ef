import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AppRegistrations, type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { createApp } from '@examples/mcp-orders';

/** A local Entra, and the MCP server for orders. */
export interface AgentsStage {
  readonly entra: LoopbackEntra;
  /** The MCP server's URL, which is the application ID URI of its registration. */
  readonly resource: URL;
  close(): Promise<void>;
}

/** By these claims a token says that no AI agent is involved. The local Entra's users have them, as Entra's do. */
export const AGENT_CLAIMS = ['xms_act_fct', 'xms_sub_fct', 'xms_par_app_azp'] as const;

/** Starts both. The server listens first, since its registration has to name its URL. */
export async function setAgentsStage(): Promise<AgentsStage> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const resource = new URL(`${origin}/mcp`);
  const entra = await startEntra({ port: 0, apps: registrations(resource.href) });
  const { app, guard } = createApp({
    guard: { ...entra.options('orders'), log: false },
    resource: resource.href,
    page: {
      clientId: entra.clientIdOf('approvals'),
      authority: entra.authority,
      scope: `${resource.href}/Approvals.Decide`,
    },
  });
  server.on('request', app);
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await guard.close();
    await entra.close();
  };
  return { entra, resource, close };
}

const registrations = (applicationIdUri: string) =>
  ({
    orders: {
      applicationIdUri,
      scopes: ['Orders.Read', 'Orders.Write', 'Approvals.Decide'],
      appRoles: { 'Orders.Admin': ['User'] },
      assignments: { alan: ['Orders.Admin'] },
      optionalClaims: [...AGENT_CLAIMS],
    },
    // An editor, which anyone can install, and the page on which people approve.
    editor: { platform: 'public', redirectUris: ['http://localhost/callback'] },
    approvals: { platform: 'spa', redirectUris: ['http://localhost/approvals'] },
  }) as const satisfies AppRegistrations;
