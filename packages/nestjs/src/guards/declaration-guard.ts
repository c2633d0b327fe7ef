import 'reflect-metadata';
import { ConfigurationError } from '@entra-guard/core';
import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import {
  classDeclarations,
  declaredMethods,
  functionDeclarations,
  lineage,
  prototypeOf,
} from '../handlers/declarations.js';
import { type Enforcers, enforcersIn, isEnforced } from './enforcers.js';
import { ATTACHED, GUARDS, guardsOn, standsOn } from './guards-seen.js';

/**
 * Enforces declarations where NestJS runs no global guards. The decorators put it on every class and method that declares
 * something, as `@UseGuards` would. It asks the guard of `EntraGuardModule`, unless that guard has let the call pass already.
 * An application that declares something and has no such guard does not boot.
 */
@Injectable()
export class DeclarationGuard implements CanActivate, OnModuleInit {
  static readonly [ATTACHED] = true;

  #enforcers: Enforcers | undefined;
  readonly #left = new WeakMap<Function, WeakMap<Function, boolean>>();

  constructor(@Inject(ModulesContainer) private readonly modules: ModulesContainer) {}

  /** @throws ConfigurationError where something is declared, and the application has nothing that enforces it */
  onModuleInit(): void {
    if (isEnforced(this.modules)) return;
    const declaring = declaringClasses(this.modules);
    if (declaring.length > 0) throw unenforced(declaring.map(({ name }) => name).join(', '));
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { guards } = this.enforcers();
    if (guards.length > 0 && guards.every((guard) => guard.hasLetPass(context))) return true;
    if (this.isLeft(context)) return true;
    if (guards.length === 0) throw unenforced(context.getClass().name);
    for (const guard of guards) {
      const answer: unknown = await guard.canActivate(context);
      // A subclass may answer with any value, and Nest lets pass what is not false.
      if (answer !== true) return false;
    }
    return true;
  }

  private enforcers(): Enforcers {
    if (this.#enforcers !== undefined) return this.#enforcers;
    const found = enforcersIn(this.modules);
    // Guards are made while the application is; until there is one, it is looked for again.
    if (found.guards.length > 0) this.#enforcers = found;
    return found;
  }

  /** Whether a handler is judged by a guard that the application has put on it, or is not meant to be guarded here. */
  private isLeft(context: ExecutionContext): boolean {
    const controller = context.getClass();
    const callback = context.getHandler();
    let ofController = this.#left.get(controller);
    if (ofController === undefined) {
      ofController = new WeakMap();
      this.#left.set(controller, ofController);
    }
    let left = ofController.get(callback);
    if (left === undefined) {
      left = this.findOut(context);
      if (this.#enforcers !== undefined) ofController.set(callback, left);
    }
    return left;
  }

  private findOut(context: ExecutionContext): boolean {
    const { guards, forAll } = this.enforcers();
    const controller = context.getClass();
    const callback = context.getHandler();
    if (guards.length === 0) return !declares(controller, callback);
    const type = context.getType<string>();
    if (guards.every((guard) => standsOn(this.modules, guard.constructor)(controller, callback, type)))
      return true;
    // Left to @UseGuards, the guard is for what declares something; for all, it denies what declares nothing as well.
    return !forAll && !guards.some((guard) => guard.hasDeclaration(context));
  }
}

/** Puts {@link DeclarationGuard} on a class or a method, behind the guards that stand there already. */
export function attachGuard(target: object): void {
  const guards = guardsOn(target);
  if (!guards.includes(DeclarationGuard))
    Reflect.defineMetadata(GUARDS, [...guards, DeclarationGuard], target);
}

/** Whether something is declared for a handler. Where it can't be told which method a function is, it is taken to be. */
function declares(controller: Function, callback: Function): boolean {
  const classes = lineage(controller);
  if (classes.some((one) => classDeclarations(one).length > 0)) return true;
  if (functionDeclarations(callback).length > 0) return true;
  const undeclared = classes.some((one) => {
    const prototype = prototypeOf(one);
    const declared = declaredMethods(one);
    return Object.getOwnPropertyNames(prototype).some(
      (name) =>
        !declared.includes(name) && Object.getOwnPropertyDescriptor(prototype, name)?.value === callback,
    );
  });
  return !undeclared && classes.some((one) => declaredMethods(one).length > 0);
}

function declaringClasses(modules: ModulesContainer): readonly Function[] {
  const registered = [...modules.values()].flatMap(({ controllers, providers }) =>
    [...controllers.values(), ...providers.values()].flatMap(({ metatype, instance }) => {
      const made = (instance as { readonly constructor?: unknown } | null | undefined)?.constructor;
      return [metatype, made].filter((one) => typeof one === 'function');
    }),
  );
  return [...new Set(registered)].filter((one) =>
    lineage(one).some((owner) => classDeclarations(owner).length > 0 || declaredMethods(owner).length > 0),
  );
}

function unenforced(names: string): ConfigurationError {
  return new ConfigurationError(
    `${names} declares who may call it, and nothing in this application enforces that: EntraGuardModule is not imported.`,
    "Import EntraGuardModule.forRoot({ … }) in the root module. A test without it provides provideTestAuth(…) from '@entra-guard/nestjs/testing'.",
  );
}
