import { allOf, definePermissions, entraGuard, inGroups } from '@entra-guard/express';
import express from 'express5';

const { scopes } = definePermissions({
  api: 'api://audits',
  owner: { team: 'Audit' },
  scopes: { 'Audits.Read': { description: 'Read.', because: 'They ask.', consent: 'user' } },
});
const guard = entraGuard.fromEnv();
const app = express();
const auditors = inGroups('11111111-2222-4333-8444-555555555555');
app.get('/audits', guard.require(allOf(scopes('Audits.Read'), auditors)), (_request, response) =>
  response.end(),
);
export default app;
