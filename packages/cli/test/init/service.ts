import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A service on disk, for one test. */
export interface Service {
  readonly folder: string;
  /** Each file, from its path to its text. */
  readonly files: () => Readonly<Record<string, string>>;
}

/** Writes files to a folder of their own, which is gone after the test. Objects are written as JSON. */
export function service(files: Readonly<Record<string, string | object>>): Service {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'entra-guard-init-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : json(content));
  }
  return { folder, files: () => filesBelow(folder) };
}

export const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

function filesBelow(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1).replaceAll('\\', '/')] = readFileSync(path, 'utf8');
  }
  return found;
}

/** The smallest service on Express, in CommonJS. */
export const EXPRESS = {
  'package.json': { name: 'orders', dependencies: { express: '^4.21.2' } },
  'app.js': `const express = require('express');

const app = express();
app.get('/orders', (req, res) => res.json([]));

module.exports = app;
`,
} as const;

/** The smallest service on NestJS. */
export const NEST = {
  'package.json': {
    name: 'orders',
    scripts: { test: 'jest' },
    dependencies: { '@nestjs/core': '^11.0.1', '@nestjs/common': '^11.0.1' },
    devDependencies: { jest: '^30.0.0', '@types/jest': '^30.0.0' },
  },
  'tsconfig.json': {},
  'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

void NestFactory.create(AppModule).then((app) => app.listen(3000));
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';

@Module({ imports: [], controllers: [] })
export class AppModule {}
`,
} as const;
