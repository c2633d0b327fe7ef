// What must not compile. compile.cjs holds what each compiler says against what is written here, line by line: an error
// elsewhere, another one, or none is a failure.
import 'reflect-metadata';
import { type AuthContext, createValidator } from '@entra-guard/core';
import { allOf, anonymous, anyOf, authOf, check, entraGuard, members, scopes } from '@entra-guard/express';
import { createGuardedDocument } from '@entra-guard/express/openapi';
import { Auth, EntraGuardModule, Require, RequireScopes } from '@entra-guard/nestjs';
import express from 'express';

declare const tenantId: string;
declare const clientId: string;
declare const auth: AuthContext;
declare const unset: string | undefined;
const app = express();
const guard = entraGuard({ tenantId, clientId });
const read = scopes('Orders.Read');
const begun = { openapi: '3.1.0', info: { title: 'Orders', version: '1' } };

// Options
entraGuard({ tenantId, clientId, clockTolerence: 5 }); // unknown option: misspelt
createValidator({ tenantId, clientID: clientId }); // unknown option: misspelt
createValidator({ tenantId }); // not assignable: no client ID
createValidator({ tenantId, tenants: [tenantId], clientId }); // not assignable: one tenant beside several
createValidator({ tenantId: unset, clientId }); // not assignable: an environment variable that may be unset
createValidator({ tenantId, clientId, algorithms: ['HS256'] }); // not assignable: not what Entra signs with
EntraGuardModule.forRoot({ tenantId, clientId, defaultRequirement: anonymous() }); // not assignable: open by default
void createGuardedDocument(app, guard, begun, { basepath: '/api' }); // unknown option: misspelt

// Requirements
scopes(); // too few: none
scopes(...([] as string[])); // too few: maybe none
scopes(['Orders.Read']); // not assignable: a list
scopes(unset); // not assignable: one that may be unset
anyOf(read, members()); // not assignable: a narrowing alone in a branch
allOf(read, anonymous()); // not assignable: an opening among conditions
check('owns order', () => 'yes'); // not assignable: an answer that is neither yes nor no
guard.require(members()); // not assignable: a narrowing alone
guard.require('Orders.Read'); // not assignable: a string
guard.require(); // too few: nothing

// Callers
app.get('/a', guard.authenticate({ optional: true }), (req) => {
  authOf(req).tenantId; // maybe undefined: nobody may be there
});
auth.scopes.add('Orders.Write'); // no such member: nobody adds to a token
auth.tenantId = 'another'; // read only: nobody changes one
auth.token; // no such member: it is not kept
auth.claims.roles?.push('Admin'); // no such member: nor are its claims changed
const objectId: string = auth.objectId; // not assignable: some users have none

class Orders {
  @RequireScopes() // too few: none
  list(): void {}
  @Require(members()) // not assignable: a narrowing alone
  find(@Auth() _auth: AuthContext): void {}
}
void [Orders, objectId];
