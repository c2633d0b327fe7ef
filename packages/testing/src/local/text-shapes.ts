import { type Shape, text } from './shape.js';

export const guid: Shape = text(
  'a GUID: "00001111-aaaa-2222-bbbb-3333cccc4444"',
  /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
);

/** ISO 8601 with a time zone. */
export const time: Shape = text(
  'a time: "2030-01-31T00:00:00Z"',
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/,
);

/** A certificate or public key. Whether its content is one is checked by `startEntra`. */
export const pem: Shape = text(
  'a certificate in PEM: "-----BEGIN CERTIFICATE-----…"',
  /^\s*-----BEGIN [A-Z ]+-----/,
);
