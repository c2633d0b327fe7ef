import { expect, it } from 'vitest';
import {
  allOf,
  anonymous,
  anyOf,
  appOnly,
  appPermissions,
  authenticated,
  clients,
  delegated,
  type Requirement,
  scopes,
  tighten,
} from '../../src/requirements.js';

const CLIENT = '11112222-bbbb-3333-cccc-4444dddd5555';
const until = new Date('2027-01-01');

it.each<[Requirement, Requirement['callers']]>([
  [scopes('Orders.Read'), 'user'],
  [delegated(), 'user'],
  [appPermissions('Orders.Read.All'), 'app'],
  [appOnly(), 'app'],
  [authenticated(), 'both'],
  [anonymous(), 'both'],
  [anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All')), 'both'],
  [anyOf(scopes('Orders.Read'), scopes('Orders.Write')), 'user'],
  [allOf(authenticated(), delegated()), 'user'],
  [allOf(scopes('Orders.Read'), clients(CLIENT)), 'user'],
  [tighten(authenticated(), scopes('Orders.Read'), { until }), 'both'],
  [tighten(scopes('Orders.Read'), scopes('Orders.Write'), { until }), 'user'],
])('%s can be satisfied by: %s', (requirement, callers) => {
  expect(requirement.callers).toBe(callers);
});
