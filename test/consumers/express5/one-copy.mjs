// An ESM module and a CommonJS one that meet in a process share one copy of the guard: one set of classes and brands,
// and one store of signing keys.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as importedCore from '@entra-guard/core';
import * as importedAdapter from '@entra-guard/express';

const require = createRequire(import.meta.url);
const requiredCore = require('@entra-guard/core');
const requiredAdapter = require('@entra-guard/express');

assert.equal(requiredCore.EntraGuardError, importedCore.EntraGuardError);
assert.equal(requiredAdapter.entraGuard, importedAdapter.entraGuard);
assert.equal(requiredAdapter.scopes, importedCore.scopes);
