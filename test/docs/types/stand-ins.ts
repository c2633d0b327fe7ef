/** Compiled, never run: what the entry points for unit tests promise, in Express and in NestJS, without a cast. */
import type { AuthContext, Guard } from '@entra-guard/core';
import { standInGuard as coreStandIn } from '@entra-guard/core/testing';
import { type ExpressGuard, scopes } from '@entra-guard/express';
import { actAs, standInGuard, testAuth } from '@entra-guard/express/testing';
import {
  ENTRA_GUARD_CORE,
  standInGuard as nestStandIn,
  testAuth as nestTestAuth,
  provideTestAuth,
} from '@entra-guard/nestjs/testing';
import { testAuth as localTestAuth } from '@entra-guard/testing';
import type { Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import express4 from 'express4';
import express5 from 'express5';

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<_Holds extends true>(): void {}

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'], roles: ['Orders.Admin'], guest: false });
const job = testAuth({ kind: 'app', roles: ['Orders.Read.All'], claims: { xms_act_fct: '11' } });
testAuth({ kind: 'user', scopes: ['Orders.Read'], objectId: null, groups: 'overage' });
assertType<Equals<typeof ada, AuthContext>>();
assertType<Equals<typeof nestTestAuth, typeof testAuth>>();
assertType<Equals<typeof localTestAuth, typeof testAuth>>();

// @ts-expect-error: who calls is a user or an app
testAuth({ scopes: ['Orders.Read'] });
// @ts-expect-error: a user's token has a scope
testAuth({ kind: 'user', roles: ['Orders.Admin'] });
// @ts-expect-error: at least one
testAuth({ kind: 'user', scopes: [] });
// @ts-expect-error: an app's token has none
testAuth({ kind: 'app', scopes: ['Orders.Read'] });
// @ts-expect-error: an app has a service principal
testAuth({ kind: 'app', objectId: null });
// @ts-expect-error: a list, as the token has one
testAuth({ kind: 'app', roles: 'Orders.Read.All' });
// @ts-expect-error: apps are no guests
testAuth({ kind: 'app', guest: true });
// @ts-expect-error: no such member
testAuth({ kind: 'app', role: ['Orders.Read.All'] });
// @ts-expect-error: it is shared, so it can't be changed
ada.objectId = 'another';

const guard: ExpressGuard = standInGuard(ada, { log: false, passErrors: true });
assertType<Equals<ReturnType<typeof coreStandIn>, Guard>>();
standInGuard(() => (guard === undefined ? null : job));
standInGuard(null);
express4().get('/orders/:id', guard.require(scopes('Orders.Read')), (req, res) => {
  assertType<Equals<typeof req.auth, AuthContext>>();
  res.json({ id: req.params.id });
});
express5().get('/orders/:id', actAs(ada), (req, res) => {
  assertType<Equals<typeof req.auth, AuthContext>>();
  res.json({ id: req.params.id });
});
express4().use(actAs(() => undefined));

// @ts-expect-error: a description is no caller: testAuth(...)
standInGuard({ kind: 'user', scopes: ['Orders.Read'] });
// @ts-expect-error: the caller is there at once
standInGuard(async () => ada);
// @ts-expect-error: it trusts nobody, so there is no tenant to name
standInGuard(ada, { tenantId: '…' });
// @ts-expect-error: a name is no caller
actAs('ada');

export const providers: Provider[] = [
  provideTestAuth(ada),
  provideTestAuth(() => null, { log: false, defaultRequirement: scopes('Orders.Read') }),
];
export const whole = Test.createTestingModule({ providers: [provideTestAuth(job)] })
  .overrideProvider(ENTRA_GUARD_CORE)
  .useValue(nestStandIn(ada, { explain: true }));

// @ts-expect-error: the guard is what it is there for
provideTestAuth(ada, { installGuard: false });
// @ts-expect-error: a token is no caller
provideTestAuth('eyJ0eXAi');
