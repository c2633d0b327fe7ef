import { type Anonymous, ConfigurationError, type Grant } from '@entra-guard/core';
import { compose, type Level } from './combine-declarations.js';
import {
  classDeclarations,
  type Declaration,
  declaringPrototype,
  lineage,
  methodDeclarations,
  prototypeOf,
} from './declarations.js';
import { composedAccess, type HandlerAccess, needsNoCaller } from './handler-access.js';
import { functionOf, type Handler, isHandler } from './handler-inventory.js';

/** A class, abstract or not. */
export type ControllerClass = abstract new (...args: never[]) => unknown;

/** One entry of the option `handlers`: a requirement for a controller, or for one of its methods. */
export type HandlerEntry =
  | readonly [controller: ControllerClass, requirement: Grant | Anonymous]
  | readonly [controller: ControllerClass, method: string, requirement: Grant | Anonymous];

/** An entry of `handlers`, read and checked. */
export interface Assignment {
  /** For people: `handlers: [PrometheusController, …]`. */
  readonly name: string;
  readonly controller: Function;
  /** Absent where the entry is for the whole controller. */
  readonly method?: string;
  readonly declaration: Declaration;
}

/** A handler's method name, and what it requires of its callers. */
export interface Known {
  readonly method: string;
  readonly access: HandlerAccess | undefined;
  /** Why nothing can be decided for a function, where it is several handlers that declare different things. */
  readonly conflict?: ConfigurationError;
}

/** What each handler requires: resolved once a handler, not once a request. */
export class HandlerRequirements {
  readonly #defaultRequirement: Grant | undefined;
  readonly #assignments: readonly Assignment[];
  readonly #handlers: () => readonly Handler[];
  readonly #known = new WeakMap<Function, WeakMap<Function, Known>>();
  #learnt = false;

  /** @param handlers those of the application, asked once they are made */
  constructor(
    assignments: readonly Assignment[],
    defaultRequirement: Grant | undefined,
    handlers: () => readonly Handler[] = () => [],
  ) {
    this.#assignments = assignments;
    this.#defaultRequirement = defaultRequirement;
    this.#handlers = handlers;
  }

  /**
   * What a handler asks of its callers; `undefined` where nothing is declared.
   *
   * @throws ConfigurationError for declarations that contradict each other
   */
  of(controller: Function, callback: Function): HandlerAccess | undefined {
    const known = this.#lookUp(controller, callback);
    if (known?.conflict !== undefined) throw known.conflict;
    return known?.access;
  }

  /** The name of the method that a function handles requests for, as the class has it. */
  methodOf(controller: Function, callback: Function): string | undefined {
    return this.#lookUp(controller, callback)?.method;
  }

  /**
   * Resolves a handler ahead of its first request, by each function that Nest may call it by.
   *
   * @throws ConfigurationError for declarations that contradict each other, and for one function that is several handlers
   */
  learn(controller: Function, method: string, callbacks: readonly Function[]): Known {
    const known = { method, access: this.#resolve(controller, method) };
    const kept = callbacks.map((callback) => this.#remember(controller, callback, known));
    const conflict = kept.find((one) => one.conflict !== undefined)?.conflict;
    if (conflict !== undefined) throw conflict;
    return known;
  }

  /** Runs before the first look-up, so that a function that is several handlers is known as all of them. */
  #learnAll(): void {
    this.#learnt = true;
    for (const { controller, method, callbacks } of this.#handlers()) {
      try {
        this.learn(controller, method, callbacks);
      } catch {
        // Thrown when the handler itself is called, and at boot.
      }
    }
  }

  #lookUp(controller: Function, callback: Function): Known | undefined {
    if (!this.#learnt) this.#learnAll();
    const known = this.#known.get(controller)?.get(callback);
    if (known !== undefined) return known;
    // Not seen at boot: a constructor of a request-scoped controller bound it, or an instrumentation wrapped it.
    const method = methodNamed(controller, callback);
    return method === undefined ? undefined : this.learn(controller, method, [callback]);
  }

  #remember(controller: Function, callback: Function, known: Known): Known {
    const ofController = this.#known.get(controller) ?? new WeakMap<Function, Known>();
    const before = ofController.get(callback);
    const kept = before === undefined ? known : together(controller, before, known);
    this.#known.set(controller, ofController.set(callback, kept));
    return kept;
  }

  #resolve(controller: Function, method: string): HandlerAccess | undefined {
    const classes = lineage(controller);
    const levels = [
      ...classes.map((ancestor) => this.#classLevel(ancestor)),
      this.#methodLevel(controller, method),
    ];
    const declared = compose(levels);
    if (declared !== undefined && needsNoCaller(declared)) {
      const opener = levels.findLastIndex(({ declarations }) => declarations.length > 0);
      const base = classes[opener];
      // Levels of classes stand before the method's, the controller's own behind those of its base classes.
      if (base !== undefined && base !== controller)
        throw openedByBase(controller, method, base, levels[opener]);
    }
    if (declared !== undefined || this.#defaultRequirement === undefined) return declared;
    return composedAccess({ mode: 'require', requirement: this.#defaultRequirement });
  }

  #classLevel(controller: Function): Level {
    const assigned = this.#assignments.filter(
      (entry) => entry.controller === controller && entry.method === undefined,
    );
    return {
      on: `class ${controller.name}`,
      declarations: [...classDeclarations(controller), ...assigned.map((entry) => entry.declaration)],
    };
  }

  #methodLevel(controller: Function, method: string): Level {
    const holder = declaringPrototype(controller, method);
    const assigned = this.#assignments.filter(
      (entry) => entry.method === method && reaches(entry, controller),
    );
    return {
      on: `${controller.name}.${method}`,
      declarations: [
        ...(holder ? methodDeclarations(holder, method) : []),
        ...assigned.map((entry) => entry.declaration),
      ],
    };
  }
}

function openedByBase(
  controller: Function,
  method: string,
  base: Function,
  level: Level | undefined,
): ConfigurationError {
  const { name } = controller;
  const by = level?.declarations[0]?.by ?? '';
  return new ConfigurationError(
    `${name}.${method} would be opened by ${by} of ${base.name}, which ${name} extends: a base class does not open the classes that extend it.`,
    `Say on ${name} itself who may call: @RequireScopes('…'), @Public() or @OptionalAuth(). Under a decorator that replaces the class, put ours above it.`,
  );
}

/** What is known of a function that is two handlers: a call does not show which of them is meant. */
function together(controller: Function, before: Known, known: Known): Known {
  if (before.method === known.method) return before.conflict === undefined ? known : before;
  if (before.conflict === undefined && sameAccess(before.access, known.access)) return known;
  const { name } = controller;
  const conflict = new ConfigurationError(
    `${name}.${before.method} and ${name}.${known.method} are one function, so that a call of one can't be told from a call of the other, and they declare different things.`,
    'Give each its own function, which may call the shared one.',
  );
  return { method: `${before.method}|${known.method}`, access: undefined, conflict };
}

function sameAccess(one: HandlerAccess | undefined, other: HandlerAccess | undefined): boolean {
  if (one?.mode === 'require' && other?.mode === 'require') return one.requirement.equals(other.requirement);
  return one?.mode === other?.mode;
}

/** Whether an entry is about a controller's handlers: its own, or those it inherits without overriding them. */
export function reaches(entry: Assignment, controller: Function): boolean {
  if (!lineage(controller).includes(entry.controller)) return false;
  if (entry.method === undefined) return true;
  const callback = functionOf(prototypeOf(entry.controller), entry.method);
  return callback !== undefined && callback === functionOf(prototypeOf(controller), entry.method);
}

/** The method that a function stands for: the very function, or a bound or wrapped one that kept its name. */
function methodNamed(controller: Function, callback: Function): string | undefined {
  for (const prototype of [...lineage(controller)].reverse().map(prototypeOf)) {
    const names = Object.getOwnPropertyNames(prototype);
    const name = names.find(
      (candidate) => Object.getOwnPropertyDescriptor(prototype, candidate)?.value === callback,
    );
    if (name !== undefined) return name;
  }
  const kept = callback.name.replace(/^bound /, '');
  return isHandler(controller, kept) ? kept : undefined;
}
