/** Names that the quick starts leave to the reader. */
import type { RequestHandler } from 'express5';
import express5 from 'express5';

/** `contoso` and its first app, as every local Entra names them. */
export const tenantId = 'def1a95c-33d3-490d-bc0f-a2e6773a11d5';
export const clientId = '0c13f11f-6247-46d7-aa85-15c84b88c491';

export const app = express5();
export const listFor = (objectId: string | undefined) => [{ owner: objectId }];
export const create: RequestHandler = (req, res) => {
  res.status(201).json({ by: req.auth.kind });
};
