import { type Anonymous, ConfigurationError, type Grant } from '@entra-guard/core';
import { registered } from './registered.js';
import type { Layer } from './routing.js';

/**
 * What a middleware of this package does. A requirement decides about a route. `'optional'` does so on the route itself,
 * where it says that callers without a token are welcome; `'authenticate'` never does. `'answers'` is for errors: it never
 * lets a request go on.
 */
export type Role = Grant | Anonymous | 'authenticate' | 'optional' | 'answers';

/**
 * Where a middleware keeps its mark. Enumerable and a string: wrappers copy such properties (elastic-apm-node and
 * express-async-errors copy nothing else).
 */
const KEPT_AT = 'entra-guard';

/** Registered, so that an ESM and a CommonJS copy of the package know each other's middlewares. */
const brand = Symbol.for('entra-guard/express/mark');

/** What a middleware of this package does, and who made it. */
export interface Mark {
  readonly role: Role;
  /** The guard that made the middleware. */
  readonly maker: object;
  /** The middleware's name. */
  readonly name: string;
}

/** All copies of the package have one list of names, so that no two middlewares of a process share one. */
interface Names {
  made: number;
  readonly marks: Map<string, WeakRef<Mark>>;
}

const names = namesOfProcess();

function namesOfProcess(): Names {
  const at = Symbol.for('entra-guard/express/names');
  if (!Object.hasOwn(globalThis, at)) {
    const value: Names = { made: 0, marks: new Map() };
    Object.defineProperty(globalThis, at, { value });
  }
  return (globalThis as unknown as Readonly<Record<symbol, Names>>)[at] as Names;
}

const forgotten = new FinalizationRegistry<string>((name) => names.marks.delete(name));

/**
 * Makes a middleware known to `assertAllGuarded`. Its name is its own in the process, since that is all that New Relic's
 * wrappers keep of it.
 */
export function marked<F extends object>(middleware: F, role: Role, maker: object): F {
  const name = `entraGuard.${typeof role === 'object' ? 'require' : role}#${++names.made}`;
  const mark: Mark = Object.freeze({ role, maker, name, [brand]: true });
  names.marks.set(name, new WeakRef(mark));
  forgotten.register(mark, name);
  return keep(middleware, mark);
}

function keep<F extends object>(middleware: F, mark: Mark): F {
  Object.defineProperty(middleware, 'name', { value: mark.name });
  return Object.defineProperty(middleware, KEPT_AT, { value: mark, enumerable: true });
}

/**
 * The mark of a function, or of the one that it is wrapped around; `undefined` for functions that are not of this package.
 * What a function inherits is not its own: it says nothing of what the function does.
 */
export function markOf(handler: object): Mark | undefined {
  const inner = registered(handler);
  return markKeptBy(inner) ?? markNamed(nameOf(inner));
}

/**
 * The mark of what was registered as a layer. Express notes the name of the function before some agents replace it by a
 * wrapper that keeps nothing.
 */
export function markOfLayer({ handle, name }: Layer): Mark | undefined {
  return markOf(handle) ?? markNamed(name);
}

function markNamed(name: unknown): Mark | undefined {
  return typeof name === 'string' ? names.marks.get(name)?.deref() : undefined;
}

function markKeptBy(handler: object): Mark | undefined {
  if (!Object.hasOwn(handler, KEPT_AT)) return undefined;
  const kept: unknown = (handler as { readonly [KEPT_AT]?: unknown })[KEPT_AT];
  return typeof kept === 'object' && kept !== null && Object.hasOwn(kept, brand) ? (kept as Mark) : undefined;
}

function nameOf(handler: object): unknown {
  return Object.hasOwn(handler, 'name') ? (handler as { readonly name?: unknown }).name : undefined;
}

/** What a function does here; `undefined` for functions that are not of this package. */
export function roleOf(handler: object): Role | undefined {
  return markOf(handler)?.role;
}

/** The marks of all middlewares that a guard has made and that still exist. */
export function marksOf(maker: object): readonly Mark[] {
  return [...names.marks.values()].flatMap((ref) => {
    const mark = ref.deref();
    return mark?.maker === maker ? [mark] : [];
  });
}

/**
 * Declares that one function calls another: where `inner` is a middleware of this package, so is `wrapper` from then on.
 *
 * @throws ConfigurationError for what is not a function, and for a wrapper of another middleware
 */
export function wrapped<F extends object>(wrapper: F, inner: object): F {
  if (typeof wrapper !== 'function' || typeof inner !== 'function') {
    throw new ConfigurationError(
      `guard.wrapped() was given ${typeof wrapper} and ${inner === null ? 'null' : typeof inner}.`,
      'Give it your function and the one that it calls: guard.wrapped((req, res, next) => fn(req, res, next), fn).',
    );
  }
  const mark = markOf(inner);
  const before = markOf(wrapper);
  if (mark === undefined || mark === before) return wrapper;
  if (before !== undefined) {
    throw new ConfigurationError(
      'guard.wrapped() was given a wrapper that stands for another guard already.',
      'Make a new function for each guard: (fn) => guard.wrapped((req, res, next) => fn(req, res, next), fn).',
    );
  }
  return keep(wrapper, mark);
}
