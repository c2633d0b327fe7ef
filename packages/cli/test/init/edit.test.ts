import { describe, expect, it } from 'vitest';
import { runCommand } from '../run-command.js';
import { EXPRESS, NEST, service } from './service.js';

/** A file of a service after `init`, what is left by hand, and the test that was written. */
async function guarded(files: Readonly<Record<string, string | object>>, path: string) {
  const one = service(files);
  const { stderr } = await runCommand(['init', '--yes', '--no-install'], { cwd: one.folder });
  const written = one.files();
  const test = Object.entries(written).find(([name]) => /entra-guard\.(spec|test)\./.test(name));
  return {
    text: written[path] ?? '',
    byHand: [...stderr.matchAll(/^by hand: (.*)$/gm)].map(([, one]) => one),
    test: test?.[1] ?? '',
    stderr,
  };
}

const express = (app: string, more: object = {}, name = 'app.js') =>
  guarded({ 'package.json': { ...EXPRESS['package.json'], ...more }, [name]: app }, name);

describe('puts the guard into an Express application', () => {
  it('below CORS, logs and static files, above body parsers and routes', async () => {
    const { text } = await express(`const bodyParser = require('body-parser');
const cors = require('cors');
const express = require('express');
const helmet = require('helmet');

const app = express();
app.set('trust proxy', 1);
app.use(helmet());
app.use(cors());
app.use(express.static('public'));
app.use(bodyParser.json());
app.use(express.urlencoded({ extended: false }));
app.get('/orders', list);
app.use('/users', users);

module.exports = app;
`);
    expect(text).toBe(`const bodyParser = require('body-parser');
const cors = require('cors');
const express = require('express');
const helmet = require('helmet');
const { everyRoute, guard } = require('./entra-guard');

const app = express();
app.set('trust proxy', 1);
app.use(helmet());
app.use(cors());
app.use(express.static('public'));
// Every route below needs an access token. One that has to stay open goes above this line.
app.use(everyRoute);
app.use(bodyParser.json());
app.use(express.urlencoded({ extended: false }));
app.get('/orders', list);
app.use('/users', users);
guard.assertAllGuarded(app);

module.exports = app;
`);
  });

  it.each([
    ['a middleware that it does not know', 'app.use(own());'],
    ['a middleware of the service', "const own = require('./own');\napp.use(own());"],
    ['a function that is given the application', 'addRoutes(app);'],
    ['a route in a condition', "if (process.env.DEBUG) app.get('/debug', dump);"],
    ['a route on a path', "app.route('/orders').get(list);"],
    ['a router', 'app.use(router);'],
    ['a static folder below a path', "app.use('/files', express.static('files'));"],
  ])('above %s', async (_, line) => {
    const { text } = await express(
      `const express = require('express');\nconst app = express();\n${line}\nmodule.exports = app;\n`,
    );
    const place = text.indexOf('app.use(everyRoute);');
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThan(text.indexOf(line.split('\n').at(-1) as string));
    expect(text.indexOf('guard.assertAllGuarded(app);')).toBeGreaterThan(
      text.indexOf(line.split('\n').at(-1) as string),
    );
  });

  it('in a function, with its indentation, quotes and ends of lines', async () => {
    const { text, test } = await express(
      'import express from "express"\r\n\r\nexport function createApp() {\r\n  const app = express()\r\n  app.get("/orders", list)\r\n  return app\r\n}\r\n',
      { type: 'module' },
    );
    expect(text).toBe(
      'import express from "express"\r\nimport { everyRoute, guard } from "./entra-guard.js"\r\n\r\nexport function createApp() {\r\n  const app = express()\r\n  // Every route below needs an access token. One that has to stay open goes above this line.\r\n  app.use(everyRoute)\r\n  app.get("/orders", list)\r\n  guard.assertAllGuarded(app)\r\n  return app\r\n}\r\n',
    );
    expect(test).toContain("(await import('./app.js')).createApp()");
  });

  it.each([
    [
      "const express = require('express');\nconst app = express();\nmodule.exports = { app };\n",
      "(require('./app')).app;",
    ],
    [
      "const express = require('express');\nconst app = express();\nexports.api = app;\n",
      "(require('./app')).api;",
    ],
    ["const express = require('express');\nconst app = module.exports = 1;\n", 'No file assigns express()'],
    [
      "const express = require('express');\nconst app = express();\nmodule.exports = app;\napp.listen(3000);\n",
      'const app = express();',
    ],
    ["const express = require('express');\nconst app = express();\nrun(app);\n", 'const app = express();'],
    [
      "const express = require('express');\nfunction make(db) {\n  const app = express();\n  return app;\n}\nmodule.exports = make;\n",
      'const app = express();',
    ],
    [
      "const express = require('express');\nfunction make() {\n  const app = express();\n  return app;\n}\nmodule.exports = { make };\n",
      "(require('./app')).make();",
    ],
  ])('tests what is exported and does not listen: %j', async (app, expected) => {
    const { test, byHand } = await express(app);
    expect(`${test}\n${byHand.join('\n')}`).toContain(expected);
  });

  it.each([
    ['export default app;', "(await import('./app.js')).default"],
    ['export { app };', "(await import('./app.js')).app"],
    ['export { app as api };', "(await import('./app.js')).api"],
  ])('tests what a module exports: %s', async (line, expected) => {
    const app = `import express from 'express';\n\nconst app = express();\n${line}\n`;
    const { test, text } = await express(app, { type: 'module', devDependencies: { vitest: '4' } });
    expect(test).toContain(expected);
    expect(text).toContain("import { everyRoute, guard } from './entra-guard.js';");
  });

  it('reads a .env file first where the service has dotenv', async () => {
    const one = service({
      ...EXPRESS,
      'package.json': { dependencies: { express: '5.0.0', dotenv: '17.0.0' } },
    });
    await runCommand(['init', '--yes', '--no-install'], { cwd: one.folder });
    expect(one.files()['entra-guard.js']).toMatch(/^require\('dotenv\/config'\);\n/);
  });

  it.each([
    [
      'two applications',
      "const express = require('express');\nconst a = express();\nconst b = express();\n",
      'More than one application',
    ],
    ['none', 'module.exports = 1;\n', 'No file assigns express()'],
    [
      'another function of that name',
      'const express = () => 1;\nconst app = express();\n',
      'No file assigns express()',
    ],
    [
      'what is not code',
      "const express = require('express');\nconst app = = express();\n",
      'No file assigns express()',
    ],
  ])('leaves a file with %s as it is, and says what to add', async (_, app, why) => {
    const { text, byHand } = await express(app);
    expect(text).toBe(app);
    expect(byHand).toEqual([expect.stringContaining(why)]);
    expect(byHand[0]).toContain('app.use(everyRoute)');
  });
});

describe('writes a test that compiles without esModuleInterop', () => {
  it.each([
    ["import * as express from 'express';", "import express = require('express');"],
    ["import express = require('express');", "import express = require('express');"],
    ["import express, { type Request } from 'express';", "import express from 'express';"],
  ])('for an application with %s', async (line, expected) => {
    const { test } = await guarded(
      {
        ...EXPRESS,
        'tsconfig.json': {},
        'app.js': '',
        'src/app.ts': `${line}\n\nconst app = express();\napp.get('/orders', list);\napp.listen(3000);\n`,
      },
      'src/app.ts',
    );
    expect(test).toContain(expected);
    expect(test).not.toMatch(/^import \w+ from 'node:/m);
  });

  it('for NestJS, whose version 10 makes applications without it', async () => {
    const { test } = await guarded(NEST, 'src/app.module.ts');
    expect(test).toContain("from 'node:assert/strict'");
    expect(test).not.toMatch(/^import \w+ from '/m);
  });
});

describe('puts the guard into a NestJS application', () => {
  const nest = (options: string) =>
    guarded(
      {
        ...NEST,
        'src/app.module.ts': `import { Module } from '@nestjs/common';\n\n@Module(${options})\nexport class AppModule {}\n`,
      },
      'src/app.module.ts',
    );

  it.each([
    ['{ imports: [] }', '{ imports: [entraGuard] }'],
    ['{ imports: [A, B] }', '{ imports: [entraGuard, A, B] }'],
    ['{ imports: [ A ] }', '{ imports: [ entraGuard, A ] }'],
    [
      '{\n  imports: [\n    A,\n    B.forRoot(),\n  ],\n}',
      '{\n  imports: [\n    entraGuard,\n    A,\n    B.forRoot(),\n  ],\n}',
    ],
    ['{ controllers: [C] }', '{ imports: [entraGuard], controllers: [C] }'],
    ['{\n  controllers: [C],\n}', '{\n  imports: [entraGuard],\n  controllers: [C],\n}'],
    ['{}', '{\n  imports: [entraGuard],\n}'],
  ])('whose options are %j', async (before, after) => {
    const { text, byHand } = await nest(before);
    expect(text).toBe(
      `import { Module } from '@nestjs/common';\nimport { entraGuard } from './entra-guard';\n\n@Module(${after})\nexport class AppModule {}\n`,
    );
    expect(byHand).toEqual([]);
  });

  it.each([
    '{ imports: modules }',
    '{ imports: [...modules].concat(A) }',
    '{ ...shared }',
    'options',
    '{ imports: [/* first */ A] }',
  ])('leaves %j as it is, and says what to add', async (options) => {
    const { text, byHand } = await nest(options);
    expect(text).not.toContain('entraGuard');
    expect(byHand).toEqual([expect.stringContaining('Import entraGuard from ./src/entra-guard')]);
  });

  it('finds the module that NestFactory is given, by whatever name', async () => {
    const { text } = await guarded(
      {
        ...NEST,
        'src/main.ts':
          "import { NestFactory } from '@nestjs/core';\nvoid NestFactory.create<Platform>(RootModule, { cors: true });\n",
        'src/root.ts':
          "import { Module } from '@nestjs/common';\n\n@Module({ imports: [] })\nexport class RootModule {}\n",
      },
      'src/root.ts',
    );
    expect(text).toContain('imports: [entraGuard]');
  });

  it('names tests that start the application without a token', async () => {
    const { byHand } = await guarded(
      { ...NEST, 'test/app.e2e-spec.ts': 'Test.createTestingModule({ imports: [AppModule] })' },
      'src/app.module.ts',
    );
    expect(byHand).toEqual([
      expect.stringContaining('test/app.e2e-spec.ts starts AppModule and sends no token'),
    ]);
  });

  it('tests the guard alone where the application connects to a database', async () => {
    const dependencies = { ...NEST['package.json'].dependencies, '@nestjs/typeorm': '11.0.0' };
    const { test, stderr } = await guarded(
      { ...NEST, 'package.json': { ...NEST['package.json'], dependencies } },
      'src/app.module.ts',
    );
    expect(test).toContain('imports: [entraGuard]');
    expect(stderr).toContain('may connect to a server (@nestjs/typeorm)');
  });

  it('writes no test that it can’t run', async () => {
    const { test, byHand } = await guarded(
      { ...NEST, 'package.json': { dependencies: { '@nestjs/core': '11.0.0' } } },
      'src/app.module.ts',
    );
    expect(test).toBe('');
    expect(byHand).toEqual([expect.stringContaining('No test was written')]);
  });
});
