import { optionsFromEnv } from '@entra-guard/express';
import { createApp } from './app.js';

const port = Number(process.env.PORT ?? 3000);
const server = createApp(optionsFromEnv()).listen(port, (error?: Error) => {
  if (error) throw error;
  console.log(`Orders on http://localhost:${port}`);
});
process.once('SIGTERM', () => server.close());
