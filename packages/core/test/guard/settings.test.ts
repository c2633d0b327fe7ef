import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { OTHER_API, signed, userClaims } from '../../../../test/support/forger.js';
import {
  allOf,
  createGuard,
  createValidator,
  explain,
  type Guard,
  type GuardOptions,
  inGroups,
  memoryRevocations,
  type SharedSettings,
  scopes,
  type ValidatorOptions,
} from '../../src/index.js';
import { createMigrationGuard } from '../../src/migration.js';
import { SETTINGS, type Validator } from '../../src/token/validator-contract.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const MANAGERS = 'aaaaaaaa-0000-4000-8000-000000000001';
const approve = allOf(scopes('Orders.Read'), inGroups(MANAGERS));
const token = signed(userClaims({ scp: 'Orders.Read', hasgroups: true }));
const overage = () => ({ headers: { authorization: `Bearer ${token}` } });

const groupsOf = async (): Promise<readonly string[]> => [MANAGERS];
const noGroups = async (): Promise<readonly string[]> => [];
const other = (): ValidatorOptions => contoso({ clientId: OTHER_API });
const VALUES: Readonly<Record<string, unknown>> = {
  explain: true,
  auditClaims: ['uti'],
  correlationId: () => 'x',
  groupsOf,
  loadUser: () => ({}),
  revocations: memoryRevocations(),
};
const withSetting = (options: ValidatorOptions, name: string): ValidatorOptions => ({
  ...options,
  [name]: VALUES[name],
});

function closing<T extends Guard | Validator>(made: T): T {
  onTestFinished(() => void made.close());
  return made;
}

async function letsInByGroup(guard: Guard): Promise<boolean> {
  closing(guard);
  return guard.require(overage(), approve).then(
    () => true,
    (error: { code?: unknown }) => {
      expect(error.code).toMatch(/^group(s_overage|_missing)$/);
      return false;
    },
  );
}

describe('a setting holds for all authorities of a guard', () => {
  it.each<[string, () => Guard]>([
    ['next to the options of one authority', () => createGuard({ ...contoso(), groupsOf })],
    ['next to `authorities`', () => createGuard({ authorities: [contoso(), other()], groupsOf })],
    ['inside a list of one', () => createGuard({ authorities: [{ ...contoso(), groupsOf }] })],
    ['next to a validator', () => createGuard({ validator: createValidator(contoso()), groupsOf })],
    ['inside the options of a migration', () => createMigrationGuard({ ...contoso(), ...{ groupsOf } }, {})],
  ])('given %s', async (_, build) => {
    expect(await letsInByGroup(build())).toBe(true);
  });

  it.each(Object.keys(VALUES))('is refused inside some or all of several: %s', (name) => {
    for (const authorities of [
      [contoso(), withSetting(other(), name)],
      // The very same revocations inside all of several hold for all.
      ...(name === 'revocations' ? [] : [[withSetting(contoso(), name), withSetting(other(), name)]]),
    ]) {
      const problem = configurationSentence(() => createGuard({ authorities }));
      expect(problem).toMatch(new RegExp(`^Authority [12] has ${name}, .* holds for all of them`));
      expect(problem).toContain(`Put it next to \`authorities\`: { authorities: […], ${name} }.`);
      expect(configurationSentence(() => createMigrationGuard(authorities, {}))).toContain(
        `createMigrationGuard([…], {}, { ${name} })`,
      );
    }
  });

  it.each(Object.keys(VALUES))('is accepted inside the only one: %s', (name) => {
    closing(createGuard({ authorities: [withSetting(contoso(), name)] }));
  });

  it('is refused where it is given twice', () => {
    const authorities = [{ ...contoso(), groupsOf }] as const;
    expect(configurationSentence(() => createGuard({ authorities, groupsOf }))).toContain(
      'groupsOf is given twice: next to the options of the authority, and next to `authorities`.',
    );
    expect(configurationSentence(() => createMigrationGuard(authorities, {}, { groupsOf }))).toContain(
      'in the third argument',
    );
    // Not given at all: an option that is computed, and switched off.
    closing(createGuard({ authorities, groupsOf: undefined } as unknown as GuardOptions));
  });

  it('is not lost where a class gives it to several authorities', () => {
    class Settings {
      get groupsOf() {
        return groupsOf;
      }
    }
    const inherits = Object.assign(new Settings(), other());
    expect(configurationSentence(() => createGuard({ authorities: [contoso(), inherits] }))).toContain(
      "has the option 'groupsOf' from its prototype",
    );
  });

  it('is suggested where its name is misspelt', () => {
    const options = { ...contoso(), groupOf: groupsOf };
    expect(configurationSentence(() => createGuard(options))).toContain("Did you mean 'groupsOf'?");
    const next = { authorities: [contoso()], groupOf: groupsOf };
    expect(configurationSentence(() => createGuard(next))).toContain("Did you mean 'groupsOf'?");
  });
});

describe('a validator takes settings for all its authorities', () => {
  it.each<[string, () => Validator]>([
    ['in the second argument', () => createValidator(contoso(), { groupsOf })],
    ['in the second argument, of several', () => createValidator([contoso(), other()], { groupsOf })],
    ['next to the options of one', () => createValidator({ ...contoso(), groupsOf })],
    ['inside a list of one', () => createValidator([{ ...contoso(), groupsOf }])],
  ])('%s, and hands them to a guard', async (_, build) => {
    expect(await letsInByGroup(createGuard({ validator: build() }))).toBe(true);
  });

  it('also where a guard made it', async () => {
    for (const first of [
      createGuard({ ...contoso(), groupsOf }),
      createGuard({ authorities: [contoso(), other()], groupsOf }),
      createGuard({ authorities: [{ ...contoso(), groupsOf }] }),
    ]) {
      expect(await letsInByGroup(createGuard({ validator: first.validator }))).toBe(true);
    }
  });

  it('which the guard does not use where it has its own', async () => {
    const validator = createValidator(contoso(), { groupsOf });
    expect(await letsInByGroup(createGuard({ validator, groupsOf: noGroups }))).toBe(false);
  });

  it('and a validator without any hands over none, whatever stands on Object.prototype', async () => {
    Object.defineProperty(Object.prototype, 'shared', { value: { groupsOf }, configurable: true });
    Object.defineProperty(Object.prototype, 'groupsOf', { value: groupsOf, configurable: true });
    onTestFinished(() => {
      for (const name of ['shared', 'groupsOf']) Reflect.deleteProperty(Object.prototype, name);
    });
    const validator = createValidator(contoso());
    expect(await letsInByGroup(createGuard({ validator }))).toBe(false);
    const { shared: _, ...settings } = validator[SETTINGS as never] as { readonly shared: unknown };
    const earlier = {
      [SETTINGS]: settings,
      validate: (text: string) => validator.validate(text),
      close: () => validator.close(),
    } as unknown as Validator;
    expect(await letsInByGroup(createGuard({ validator: earlier }))).toBe(false);
  });

  it.each<[string, () => unknown, string]>([
    [
      'inside one of several',
      () => createValidator([contoso(), withSetting(other(), 'groupsOf')]),
      'Authority 2 has groupsOf, which is not an option of one authority: it holds for all of them. Pass it in the second argument: createValidator([…], { groupsOf }).',
    ],
    [
      'twice',
      () => createValidator({ ...contoso(), groupsOf }, { groupsOf }),
      'groupsOf is given twice: next to the options of the authority, and in the second argument.',
    ],
    [
      "a guard's own, in the second argument",
      () => createValidator(contoso(), { explain: true } as SharedSettings),
      'explain is a setting of a guard, and a validator has no use for it. Give it to the guard: createGuard({ validator, explain }).',
    ],
    [
      "a guard's own, next to the options of one",
      () => createValidator(withSetting(contoso(), 'auditClaims')),
      'createGuard({ validator, auditClaims })',
    ],
    [
      "a guard's own, inside one of several",
      () => createValidator([contoso(), withSetting(other(), 'loadUser')]),
      'createGuard({ validator, loadUser })',
    ],
    [
      'an unknown one',
      () => createValidator(contoso(), { groupOf: groupsOf } as SharedSettings),
      "no setting of a validator called 'groupOf'. Did you mean 'groupsOf'?",
    ],
    [
      'what is not a function',
      () => createValidator(contoso(), { groupsOf: [MANAGERS] as unknown as typeof groupsOf }),
      'groupsOf is an array of 1',
    ],
    [
      'what is not an object',
      () => createValidator(contoso(), 1 as SharedSettings),
      'number instead of options',
    ],
  ])('refused: %s', (_, build, sentence) => {
    expect(configurationSentence(build)).toContain(sentence);
  });
});

describe('explain() takes the options of a guard or validator as they are', () => {
  it('leaves out the settings next to one authority', async () => {
    const options = { ...contoso(), groupsOf, explain: true };
    const findings = await explain(token, options);
    expect(findings.every(({ ok }) => ok === true)).toBe(true);
  });

  it('refuses them inside several', async () => {
    const error = await refusalOf(explain(token, [contoso(), withSetting(other(), 'groupsOf')]));
    expect(error.message).toContain('Leave it out: explain() does not use groupsOf.');
  });
});
