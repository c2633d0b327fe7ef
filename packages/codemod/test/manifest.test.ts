import { describe, expect, it } from 'vitest';
import { moveManifest } from '../src/passport-azure-ad/move-manifest.js';

const move = (manifest: string, user?: string) => moveManifest('package.json', manifest, user, '1.2.3');

const moved = (manifest: object, user?: string) => {
  const { text, findings } = move(JSON.stringify(manifest, undefined, 2), user);
  return { manifest: JSON.parse(text), findings: findings.map(({ line, code }) => `${line} ${code}`) };
};

const passport = '^0.7.0';
const OLD = { 'passport-azure-ad': '^4.3.5' };
const NEW = { '@entra-guard/passport': '^1.2.3' };

describe('the package.json', () => {
  it('swaps the dependency in the order of the alphabet, and takes the types out; all else stays as it is', () => {
    const before =
      '{\r\n\t"dependencies": {\r\n\t\t"@azure/msal-node": "1",\r\n\t\t"passport": "0.7",\r\n\t\t"passport-azure-ad": "4"\r\n\t},\r\n\t"devDependencies": { "@types/node": "20",  "@types/passport-azure-ad": "4" }\r\n}';
    expect(move(before)).toEqual({
      text: '{\r\n\t"dependencies": {\r\n\t\t"@azure/msal-node": "1",\r\n\t\t"@entra-guard/passport": "^1.2.3",\r\n\t\t"passport": "0.7"\r\n\t},\r\n\t"devDependencies": { "@types/node": "20" }\r\n}',
      findings: [],
    });
  });

  it('keeps the old one and adds the new one if the old one is still loaded', () => {
    expect(
      moved(
        { dependencies: { passport, ...OLD }, devDependencies: { '@types/passport-azure-ad': '4' } },
        'src/login.js',
      ),
    ).toEqual({
      manifest: {
        dependencies: { ...NEW, passport, ...OLD },
        devDependencies: { '@types/passport-azure-ad': '4' },
      },
      findings: ['4 manifest'],
    });
  });

  it.each(['devDependencies', 'peerDependencies', 'optionalDependencies'])(
    'looks at %s as well',
    (section) => {
      expect(moved({ dependencies: { passport }, [section]: OLD })).toEqual({
        manifest: { dependencies: { passport }, [section]: NEW },
        findings: [],
      });
    },
  );

  it('does not add what is there', () => {
    expect(moved({ dependencies: { '@entra-guard/passport': '1.0.0', passport, ...OLD } }).manifest).toEqual({
      dependencies: { '@entra-guard/passport': '1.0.0', passport },
    });
  });

  it('leaves an empty list where the types were all that was in it', () => {
    const manifest = {
      dependencies: { passport, ...OLD },
      devDependencies: { '@types/passport-azure-ad': '4' },
    };
    expect(moved(manifest).manifest).toEqual({ dependencies: { ...NEW, passport }, devDependencies: {} });
  });

  it.each([
    ['the old one is not in it', { dependencies: { passport } }, ['1 manifest']],
    ['there are no dependencies', {}, ['1 manifest', '1 passport-missing']],
    ['passport is not in it', { dependencies: OLD }, ['1 passport-missing']],
    ['passport is too old', { dependencies: { passport: '~0.5.3', ...OLD } }, ['3 passport-version']],
    [
      'it is overridden',
      { dependencies: { passport, ...OLD }, overrides: { 'passport-azure-ad': '4' } },
      ['7 module-named-elsewhere'],
    ],
    [
      'a test runner names it',
      { dependencies: { passport, ...OLD }, jest: { transformIgnorePatterns: ['/passport-azure-ad/'] } },
      ['8 module-named-elsewhere'],
    ],
  ])('says so where %s', (_, manifest, findings) => {
    expect(moved(manifest).findings).toEqual(findings);
  });

  it.each(['0.6.0', '^0.7', '~0.7.0', '*', 'workspace:^', '1.0.0'])(
    'is content with passport %s',
    (range) => {
      expect(moved({ dependencies: { passport: range, ...OLD } }).findings).toEqual([]);
    },
  );

  it.each(['', '[]', '{ "a": 1, }', '// a comment\n{}', 'null'])('is refused where it is %j', (text) => {
    expect(() => move(text)).toThrow('package.json is not a JSON object.');
  });
});
