import { expect, it } from 'vitest';
import { platformGap } from '../../../src/keys/documents/platform-gap.js';

it.each([
  ['Request is not defined', 'Request'],
  ['globalThis.fetch is not a function', 'fetch'],
  ['AbortController is not a constructor', 'AbortController'],
])('a part of the platform that is missing is named: %s', (failure, name) => {
  expect(platformGap(failure)).toContain(`no global ${name},`);
});

it.each([
  undefined,
  'fetch failed: getaddrinfo ENOTFOUND login.microsoftonline.com',
  'status 404',
  'mine is not defined',
])('any other failure is none of the platform: %s', (failure) => {
  expect(platformGap(failure)).toBeUndefined();
});
