import { optionsFromEnv } from '@entra-guard/express';
import { createApp } from './app.js';

const resource = process.env.ORDERS_RESOURCE ?? 'http://localhost:3000/mcp';
const port = Number(process.env.PORT ?? 3000);
const { app } = createApp({
  guard: { ...optionsFromEnv(), applicationIdUri: resource },
  resource,
  page: {
    clientId: process.env.APPROVALS_CLIENT_ID ?? '',
    authority: `https://login.microsoftonline.com/${process.env.ENTRA_GUARD_TENANT_ID}`,
    scope: `${resource}/Approvals.Decide`,
  },
});
const server = app.listen(port, (error?: Error) => {
  if (error) throw error;
  console.log(`MCP server for orders: ${resource}, on port ${port}`);
});
process.once('SIGTERM', () => server.close());
