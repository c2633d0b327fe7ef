import type { Row } from './row.js';
import { b2cRows } from './rows/b2c.js';
import { callbacks } from './rows/callbacks.js';
import { audience, issuer, kinds, scope, time } from './rows/claims.js';
import { keyRows } from './rows/keys.js';
import { location } from './rows/location.js';
import { metadataRows } from './rows/metadata.js';
import { nest } from './rows/nest.js';
import { options } from './rows/options.js';
import { structure } from './rows/structure.js';

/** All rows, by subject. */
export const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'Options of the constructor': options,
  'Where the token is': location,
  'How the token is built': structure,
  'Keys and algorithms': keyRows,
  'Issuer and tenant': issuer,
  Audience: audience,
  Times: time,
  Scope: scope,
  'Kinds of tokens': kinds,
  'The verify callback': callbacks,
  'Faults of the authority': metadataRows,
  'Azure AD B2C': b2cRows,
  NestJS: nest,
};
