import type { Row } from '../engine/row.js';
import { expressNew, expressRepeated, expressRotation } from './express.js';
import { front } from './front.js';
import { growth } from './growth.js';
import { heap } from './heap.js';
import { junk } from './junk.js';
import { loading } from './loading.js';
import { mcp } from './mcp.js';
import { nest } from './nest.js';
import { newTokens, newTokensInFlight } from './new-tokens.js';
import { otherApi } from './other-api.js';
import { passport } from './passport.js';
import { postgres } from './postgres.js';
import { records } from './records.js';
import { refusals } from './refusals.js';
import { repeatedTokens } from './repeated-tokens.js';
import { revocation } from './revocation.js';

/** In the order of the table. */
export const rows: readonly Row[] = [
  newTokens,
  newTokensInFlight,
  repeatedTokens,
  expressRepeated,
  expressRotation,
  expressNew,
  nest,
  passport,
  heap,
  growth,
  refusals,
  junk,
  loading,
  records,
  revocation,
  otherApi,
  mcp,
  front,
  postgres,
];
