import type { Anonymous, Grant } from '@entra-guard/core';
import { compose, type Declaration, type HandlerAccess, type Level } from './composition.js';
import {
  classDeclarations,
  declaringPrototype,
  lineage,
  methodDeclarations,
  prototypeOf,
} from './declarations.js';
import { functionOf, isHandler } from './handler-inventory.js';

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

/** A handler's method name beside what it asks of its callers. */
export interface Known {
  readonly method: string;
  readonly access: HandlerAccess | undefined;
}

/** What each handler requires: resolved once a handler, not once a request. */
export class HandlerRequirements {
  readonly #defaultRequirement: Grant | undefined;
  readonly #assignments: readonly Assignment[];
  readonly #known = new WeakMap<Function, WeakMap<Function, Known>>();

  constructor(assignments: readonly Assignment[], defaultRequirement: Grant | undefined) {
    this.#assignments = assignments;
    this.#defaultRequirement = defaultRequirement;
  }

  /**
   * What a handler asks of its callers; `undefined` where nothing is declared.
   *
   * @throws ConfigurationError for declarations that contradict each other
   */
  of(controller: Function, callback: Function): HandlerAccess | undefined {
    return this.#lookUp(controller, callback)?.access;
  }

  /** The name of the method that a function handles requests for, as the class has it. */
  methodOf(controller: Function, callback: Function): string | undefined {
    return this.#lookUp(controller, callback)?.method;
  }

  /** Resolves a handler ahead of its first request, by each function that Nest may call it by. */
  learn(controller: Function, method: string, callbacks: readonly Function[]): Known {
    const known = { method, access: this.#resolve(controller, method) };
    for (const callback of callbacks) this.#remember(controller, callback, known);
    return known;
  }

  #lookUp(controller: Function, callback: Function): Known | undefined {
    const known = this.#known.get(controller)?.get(callback);
    if (known !== undefined) return known;
    // Not seen at boot: a constructor of a request-scoped controller bound it, or an instrumentation wrapped it.
    const method = methodNamed(controller, callback);
    return method === undefined ? undefined : this.learn(controller, method, [callback]);
  }

  #remember(controller: Function, callback: Function, known: Known): void {
    const ofController = this.#known.get(controller) ?? new WeakMap<Function, Known>();
    this.#known.set(controller, ofController.set(callback, known));
  }

  #resolve(controller: Function, method: string): HandlerAccess | undefined {
    const declared = compose([
      ...lineage(controller).map((ancestor) => this.#classLevel(ancestor)),
      this.#methodLevel(controller, method),
    ]);
    if (declared !== undefined || this.#defaultRequirement === undefined) return declared;
    return { mode: 'require', requirement: this.#defaultRequirement };
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
