import type { ValidatorOptions } from '@entra-guard/core';
import type { Policy, PolicyApp } from '../policy.js';

/** A member that changed, other than a rule. */
export interface SettingChange {
  /** `entra`, `apps.orders.encodedSlashes`. */
  readonly member: string;
  readonly before: string;
  readonly after: string;
  /** Whether requests may be let in that were refused. */
  readonly widens: boolean;
}

/** Members of an application that say which path is which, or what an upstream is told. */
const OF_APPS = [
  'caseInsensitivePaths',
  'encodedSlashes',
  'pathParameters',
  'passToken',
  'identity',
  'audience',
  'cors',
  'upstream',
  'signIn',
] as const satisfies readonly (keyof PolicyApp)[];

/** Those with which more requests come to a rule, or more than before is told. */
const WIDENING: readonly string[] = [
  'caseInsensitivePaths',
  'encodedSlashes',
  'pathParameters',
  'passToken',
  'cors',
  'upstream',
  'signIn',
];

/** Compares what decides whose tokens are accepted, and which path is which. */
export function settingChanges(before: Policy, after: Policy): readonly SettingChange[] {
  const changes: SettingChange[] = [];
  const [old, current] = [textOf(entraFacts(before)), textOf(entraFacts(after))];
  if (old !== current) changes.push({ member: 'entra', before: old, after: current, widens: true });
  for (const app of after.apps) {
    const earlier = before.apps.find(({ name }) => name === app.name);
    if (earlier === undefined) continue;
    for (const name of OF_APPS) {
      const [was, is] = [textOf(earlier[name]), textOf(app[name])];
      if (was === is) continue;
      const off = app[name] === undefined || app[name] === false;
      // A change of folding moves paths between rules in both directions.
      const widens = WIDENING.includes(name) && (name === 'caseInsensitivePaths' || !off);
      changes.push({ member: `apps.${app.name}.${name}`, before: was, after: is, widens });
    }
  }
  return Object.freeze(changes);
}

/** What of an authority decides which tokens are accepted. */
const OF_AUTHORITIES = [
  'tenantId',
  'tenants',
  'authority',
  'clientId',
  'applicationIdUri',
  'audience',
  'cloud',
  'policies',
  'appClients',
  'customSigningKeys',
  'clockTolerance',
  'algorithms',
  'dangerouslyAllowLoopbackAuthority',
] as const satisfies readonly (keyof ValidatorOptions)[];

function entraFacts({ entra }: Policy): readonly unknown[] {
  const list = Array.isArray(entra) ? (entra as readonly ValidatorOptions[]) : [entra as ValidatorOptions];
  return list.map((one) =>
    Object.fromEntries(
      OF_AUTHORITIES.flatMap((name) => (one[name] === undefined ? [] : [[name, one[name]]])),
    ),
  );
}

/** As JSON, without secrets; `none` for nothing. */
function textOf(value: unknown): string {
  if (value === undefined) return 'none';
  return JSON.stringify(value, (name, member: unknown) => (name === 'secret' ? '(secret)' : member));
}
