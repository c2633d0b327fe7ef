import { describe, expect, it } from 'vitest';
import { readLocalConfig } from '../src/local/index.js';

const read = (text: string) => readLocalConfig(text, 'entra.local.json');

describe('the configuration file of a local Entra', () => {
  it('has the options of startEntra, and may name its schema', () => {
    const apps = { orders: { scopes: ['Orders.Read'], optionalClaims: ['idtyp', { name: 'acct' }] } };
    const options = { apps, users: { ada: { admin: true } }, groups: { staff: ['ada'] }, port: 0, tls: true };
    expect(read(JSON.stringify({ $schema: './local-config.schema.json', ...options }))).toEqual(options);
    expect(read('\uFEFF {}')).toEqual({});
  });

  it.each([
    [
      '{ "user": {} }',
      '1:3: user is not known. Expected $schema, apps, tenants, users, groups, managedIdentities, agents, ',
    ],
    ['{ "user": {} }', 'Did you mean "users"?'],
    [
      '{ "apps": {\n  "orders": {\n    "scope": [] } } }',
      '3:5: apps.orders.scope is not known. Expected manifest, ',
    ],
    ['{ "apps": {\n  "orders": {\n    "scope": [] } } }', 'Did you mean "scopes"?'],
    ['{ "wrong": 1 }', 'wrong is not known. Expected $schema, apps, '],
    [
      '{ "apps": { "orders": { "scopes": "Orders.Read" } } }',
      'apps.orders.scopes is "Orders.Read". Write a list of texts.',
    ],
    ['{ "apps": { "orders": { "scopes": ["a",\n 5] } } }', '2:2: apps.orders.scopes[1] is 5. Write a text.'],
    ['{ "apps": { "graph": {} } }', 'apps.graph is the name of Microsoft Graph. Give it another name.'],
    [
      '{ "apps": { "a b": { "platform": "native" } } }',
      'apps["a b"].platform is "native". Write "web" or "spa" or "public".',
    ],
    ['{ "apps": { "a": { "secret": 5 } } }', 'apps.a.secret is a number. Write a secret.'],
    [
      '{ "apps": { "a": { "secrets": ["Zq3~x"] } } }',
      'apps.a.secrets[0] is a text. Write an object with value, expires.',
    ],
    ['{ "users": { "": {} } }', 'has an empty name. Give it one.'],
    [
      '{ "users": { "__proto__": { "admin": "yes" } } }',
      'users.__proto__.admin is "yes". Write true or false.',
    ],
    ['{ "agents": { "helper": {} } }', 'agents.helper has no "blueprint". Add it.'],
    ['{ "port": 70000 }', 'port is 70000. Write a port, from 0 to 65535.'],
    ['{ "tls": "yes" }', 'tls is "yes". Write true, false, or an object with key and cert.'],
    ['{ "tls": { "key": 5, "cert": "x" } }', 'tls.key is a number. Write a private key, PEM.'],
    ['{ "tenants": [] }', 'tenants is too short. Write one name or more: ["contoso"].'],
    ['{ "now": 5 }', 'now is not known.'],
    ['{ "dangerouslyAllowProduction": true }', 'dangerouslyAllowProduction is not known.'],
    ['[]', '1:1: The configuration is a list. Write an object with $schema, apps, '],
  ])('is refused with the member, what was found and what was expected: %s', (text, message) => {
    expect(() => read(text)).toThrow(`${/^\d/.test(message) ? 'entra.local.json:' : ''}${message}`);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'option_invalid' }));
  });

  it.each([
    ['', '1:1: This is not JSON. The file ends where a value is expected.'],
    ['{', '1:2: This is not JSON. The file ends where a name in double quotes is expected.'],
    ['{\n  "users": {\n    "ada": {},\n  }\n}', '4:3: This is not JSON. JSON has no comma before "}".'],
    ['{ "tenants": ["a",] }', '1:19: This is not JSON. JSON has no comma before "]".'],
    ['{ users: {} }', '1:3: This is not JSON. Expected a name in double quotes, but found "u".'],
    ['{ "tenants": [\'a\'] }', '1:15: This is not JSON. JSON has double quotes: "ada".'],
    ['{\n // ada\n }', '2:2: This is not JSON. JSON has no comments.'],
    ['{ "port" 80 }', '1:10: This is not JSON. Expected a colon, but found "8".'],
    ['{ "port": 80 "tls": true }', '1:14: This is not JSON. Expected a comma or "}", but found "\\"".'],
    ['{} {}', '1:4: This is not JSON. Expected the end of the file, but found "{".'],
    ['{ "port": 08 }', '1:12: This is not JSON. Expected a comma or "}", but found "8".'],
    [
      '{ "users": {\n "ada": {}, "ada": {} } }',
      '2:13: This is not JSON. The name "ada" occurs twice in one object.',
    ],
    [
      '{ "tenants": ["a\n"] }',
      '1:15: This is not JSON. The line ends before the end of the text: a double quote.',
    ],
    ['{ "tenants": ["a\\q"] }', '1:15: This is not JSON. The text has a control character, or a backslash'],
    ['['.repeat(5000), '1:102: This is not JSON. More than 100 levels are nested.'],
  ])('is refused with line and column if it is not JSON: %j', (text, message) => {
    expect(() => read(text)).toThrow(`entra.local.json:${message}`);
  });
});
