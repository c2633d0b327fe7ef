import { anonymous, entraGuard } from '@entra-guard/express';
import express from 'express5';

export const app = express();
app.get('/health', entraGuard.fromEnv().require(anonymous().because('The load balancer asks.')));
