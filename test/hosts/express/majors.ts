import express4 from 'express4';
import express5 from 'express5';

/**
 * Both majors under one type, for tests that use what they have in common. What their own types make of the middlewares
 * is tested in test/docs/types/express.ts.
 */
export const majors: readonly (readonly [name: string, express: typeof express5])[] = [
  ['Express 4', express4 as unknown as typeof express5],
  ['Express 5', express5],
];
