import type { Permissions } from '@entra-guard/core';

/** What an export can be. */
export type Exported =
  | { readonly kind: 'express'; readonly app: object }
  | { readonly kind: 'nest-app'; readonly app: object }
  | { readonly kind: 'nest-module'; readonly module: object }
  | { readonly kind: 'function'; readonly make: (...parameters: unknown[]) => unknown }
  | { readonly kind: 'other' };

type Members = Readonly<Record<string, unknown>>;

/** Tells what a value is, by what only such a value has. */
export function whatIs(value: unknown): Exported {
  if (typeof value === 'function') {
    if (isExpress(value)) return { kind: 'express', app: value };
    if (isNestModule(value)) return { kind: 'nest-module', module: value };
    if (/^class\b/.test(Function.prototype.toString.call(value))) return { kind: 'other' };
    return { kind: 'function', make: value as (...parameters: unknown[]) => unknown };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'other' };
  const members = value as Members;
  if (isNestApp(members)) return { kind: 'nest-app', app: value };
  if (isNestModule(members.module)) return { kind: 'nest-module', module: value };
  return { kind: 'other' };
}

/** An application has `use` and settings, a router a stack. */
function isExpress(value: object): boolean {
  const { use, handle, set, stack } = value as Members;
  return (
    typeof use === 'function' &&
    typeof handle === 'function' &&
    (typeof set === 'function' || Array.isArray(stack))
  );
}

/** Microservices and applications without HTTP are applications too. */
function isNestApp({ get, select, resolve, close }: Members): boolean {
  return [get, select, resolve, close].every((member) => typeof member === 'function');
}

/** `@Module()` leaves these behind. */
const OF_MODULES = ['imports', 'controllers', 'providers', 'exports'];

function isNestModule(value: unknown): boolean {
  const { getOwnMetadataKeys } = Reflect as unknown as {
    readonly getOwnMetadataKeys?: (target: object) => readonly unknown[];
  };
  if (typeof value !== 'function' || getOwnMetadataKeys === undefined) return false;
  return getOwnMetadataKeys(value).some((key) => OF_MODULES.includes(String(key)));
}

/** What `definePermissions` gives, from whichever copy of the package. */
export function isPermissions(value: unknown): value is Permissions<string, string, string> {
  if (typeof value !== 'object' || value === null) return false;
  const { catalogue, scopes } = value as Members;
  if (typeof scopes !== 'function' || typeof catalogue !== 'object' || catalogue === null) return false;
  const { api, owner } = catalogue as Members;
  return typeof api === 'string' && typeof owner === 'object';
}

/** Every export by its name; what CommonJS exports as a whole is `default`. */
export function exportsOf(module: object): ReadonlyMap<string, unknown> {
  const whole = (module as Members).default;
  // A CommonJS module that was compiled from ESM: its own default is one level down.
  const inner =
    typeof whole === 'object' && whole !== null && '__esModule' in whole ? Object.entries(whole) : [];
  const empty = typeof whole === 'object' && whole !== null && Object.keys(whole).length === 0;
  const own = Object.entries(module).filter(([name]) => name !== 'default' || !(empty || inner.length > 0));
  return new Map([...inner, ...own]);
}

/** Names that say it is the application, or makes it. */
const SPEAKING =
  /^(default|(create|build|make|get)?(the)?(express)?(app|application|server)(module)?|bootstrap)$/i;

/** The export that looks most like the application: one before a function that makes one, a speaking name before others. */
export function likeliest(exported: ReadonlyMap<string, unknown>): readonly [string, Exported] | undefined {
  const kinds = [...exported].map(([name, value]) => [name, whatIs(value)] as const);
  const order = (name: string): number => (SPEAKING.test(name) ? 0 : 1);
  const ready = kinds.filter(([, { kind }]) => kind !== 'function' && kind !== 'other');
  const makers = kinds.filter(([name, { kind }]) => kind === 'function' && SPEAKING.test(name));
  const [first] = [...ready.toSorted(([a], [b]) => order(a) - order(b)), ...makers];
  return first;
}

/** An export by its name, with members after dots; methods keep what they are methods of. */
export function exportNamed(exported: ReadonlyMap<string, unknown>, name: string): unknown {
  const [first = '', ...members] = name.split('.');
  let value = exported.get(first);
  for (const member of members) {
    const owner = value as Members | undefined;
    const inner = owner?.[member];
    value = typeof inner === 'function' ? inner.bind(owner) : inner;
  }
  return value;
}
