import { type Shape, text } from './shape.js';

export const guid: Shape<string> = text(
  'a GUID: 00001111-aaaa-2222-bbbb-3333cccc4444',
  '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
);

export const words = (expected: string): Shape<string> => text(expected, '\\S');

/** `https://portal.contoso.example:8443`: scheme, host and port. */
export const origin: Shape<string> = text(
  'an origin: https://portal.contoso.example',
  '^https?://[A-Za-z0-9.\\-[\\]:]+$',
);

/** Seconds, or a text with a unit. */
export const durationText: Shape<string> = text('a duration: 15m, 8h, 7d', '^(?:0|[1-9][0-9]{0,8})[smhd]$');

/** The value of a scope or role, as tokens hold it. */
export const permission: Shape<string> = text("a permission's value: Orders.Read", '^[^\\s"\\\\]{1,120}$');
