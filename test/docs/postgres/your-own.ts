import { entraGuard } from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import express from 'express5';

export const entra = await startEntra();
export const app = express();
export const guard = entraGuard({ ...entra.options(), log: false });
