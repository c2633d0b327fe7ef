import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TokenFile } from '../engine/token-file.js';
import { junkTokens, readTokens } from '../engine/tokens.js';

const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
afterAll(() => rmSync(folder, { recursive: true }));

const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
const parsed = (text = '') => JSON.parse(Buffer.from(text, 'base64url').toString());

describe('a file of tokens', () => {
  const file = join(folder, 'tokens.txt');
  writeFileSync(file, 'aaa\nbb\nc');

  it('gives each of its lines', () => {
    expect(readTokens(file)).toEqual(['aaa', 'bb', 'c']);
  });

  it('knows how many there are', () => {
    const tokens = new TokenFile(file);
    expect(tokens.length).toBe(3);
    expect(() => tokens.at(3)).toThrow('There are 3 tokens');
  });
});

describe('junk', () => {
  const good = [
    part({ alg: 'RS256', kid: 'known' }),
    part({ oid: 'ada', exp: 4_000_000_000 }),
    'signature',
  ].join('.');
  const junk = junkTokens(good, 40);

  it('is never the good token, and never twice the same', () => {
    expect(new Set([...junk, good]).size).toBe(41);
  });

  it('has forged signatures, made-up key IDs, past expiries and garbage, in turn', () => {
    const [forged = '', unknown = '', expired = '', garbage = ''] = junk;
    const [header, payload] = good.split('.');
    expect(forged.split('.').slice(0, 2)).toEqual([header, payload]);
    expect(parsed(unknown.split('.')[0])).toMatchObject({
      alg: 'RS256',
      kid: expect.not.stringMatching('known'),
    });
    expect(parsed(expired.split('.')[1])).toEqual({ oid: 'ada', exp: 1_600_000_000 });
    expect(garbage.split('.')).toHaveLength(1);
  });
});
