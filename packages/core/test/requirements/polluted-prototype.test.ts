import {
  allOf,
  anyOf,
  anyScope,
  appPermissions,
  evaluate,
  scopes,
  tighten,
  userRoles,
} from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { describe, expect, it } from 'vitest';

const build = () => [
  scopes('Orders.Read'),
  anyScope('Orders.Read'),
  userRoles('Orders.Admin'),
  anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All')),
  allOf(scopes('Orders.Read'), userRoles('Orders.Admin')),
  tighten(scopes('Other'), scopes('Orders.Read'), { until: new Date('2999-01-31') }),
  tighten(scopes('Orders.Read'), scopes('Other'), { until: new Date('2020-01-31') }),
  tighten(scopes('Other'), scopes('Orders.Read'), { until: new Date('2020-01-31') }),
];

const stranger = testAuth({ kind: 'user', scopes: ['Other'] });
const written = (): unknown =>
  build().map((requirement) => [String(requirement), evaluate(requirement, stranger).granted]);

/** Names of kinds, as of other members that a requirement is read by. */
const names = [
  'scopes',
  'anyScope',
  'userRoles',
  'anyUserRole',
  'appPermissions',
  'allOf',
  'anyOf',
  'values',
  'of',
  'now',
  'next',
  'until',
  'ahead',
  'tightenings',
];
const values = ['delegated', 'anonymous', 'authenticated', 'anyOf', true, [], {}];

describe.each(names)('a requirement that is built while Object.prototype has %s', (name) => {
  it.each(values.map((value) => [JSON.stringify(value), value] as const))(
    'is the one that was written: %s',
    (_, value) => {
      const before = written();
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
      let during: unknown;
      try {
        during = written();
      } finally {
        Reflect.deleteProperty(Object.prototype, name);
      }
      expect(during).toEqual(before);
    },
  );
});
