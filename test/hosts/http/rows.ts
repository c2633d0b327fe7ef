import type { HttpRow } from './row.js';
import { credentialRows } from './rows/credentials.js';
import { narrowingRows } from './rows/narrowings.js';
import { permissionRows } from './rows/permissions.js';
import { tokenRows } from './rows/tokens.js';

/** How every host answers, whatever it is made of: the table of the design, section 6. */
export const httpRows: readonly HttpRow[] = Object.freeze([
  ...credentialRows,
  ...tokenRows,
  ...permissionRows,
  ...narrowingRows,
]);
