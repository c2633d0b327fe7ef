import { ConfigurationError, type LogSink } from '@entra-guard/core';
import type { ModulesContainer } from '@nestjs/core';
import { needsAuth } from './auth.decorator.js';
import type { HandlerAccess } from './composition.js';
import {
  classDeclarations,
  declaredMethods,
  declaringPrototype,
  lineage,
  methodDeclarations,
  prefixed,
  prototypeOf,
} from './declarations.js';
import { controllersOf, type Handler, handlersOf, hasRoute, providerClasses } from './handler-inventory.js';
import { type Assignment, type HandlerRequirements, reaches } from './handler-requirements.js';

/** What {@link checkAtBoot} looks at. */
export interface BootFacts {
  readonly modules: ModulesContainer;
  readonly requirements: HandlerRequirements;
  readonly assignments: readonly Assignment[];
  readonly log: LogSink;
  /** Whether an `EntraGuard` was seen in front of a handler. */
  readonly guarded: (handler: Handler) => boolean;
}

interface Judged {
  readonly handler: Handler;
  readonly access: HandlerAccess | undefined;
}

/**
 * Looks at every handler before the first request: names those that are denied because nothing is declared for them, and
 * those that leave the scope open.
 *
 * @throws ConfigurationError for what contradicts itself, or would be lost without a word
 */
export function checkAtBoot({ modules, requirements, assignments, log, guarded }: BootFacts): void {
  const handlers = handlersOf(modules);
  const problems: ConfigurationError[] = [];
  const judged: Judged[] = [];
  for (const handler of handlers) {
    try {
      const { access } = requirements.learn(handler.controller, handler.method, handler.callbacks);
      judged.push({ handler, access });
    } catch (error) {
      const problem = prefixed(handler.name, error);
      if (!ConfigurationError.is(problem)) throw problem;
      problems.push(problem);
    }
  }
  problems.push(
    ...judged.flatMap(authOfNobody),
    ...[...controllersOf(modules)].flatMap((controller) => lostOnController(controller, handlers)),
    ...[...providerClasses(modules)].flatMap(lostOnProvider),
    ...assignments.flatMap((entry) => misplaced(entry, handlers)),
  );
  const problem = joined(problems);
  if (problem !== undefined) throw problem;
  const warn = (message: string, hint: string): void => {
    log({ level: 'warn', event: 'configuration', message, hint });
  };
  warnOfDenied(
    judged.filter(({ handler, access }) => access === undefined && guarded(handler)),
    warn,
  );
  warnOfOpenScope(judged, warn);
  warnOfUnguarded(
    judged.filter(({ handler, access }) => access !== undefined && !guarded(handler)),
    warn,
  );
}

function authOfNobody({ handler, access }: Judged): ConfigurationError[] {
  if (access?.mode !== 'require' || access.requirement.role !== 'anonymous') return [];
  const holder = declaringPrototype(handler.controller, handler.method);
  if (holder === undefined || !needsAuth(holder, handler.method)) return [];
  return [
    new ConfigurationError(
      `${handler.name} is public and takes @Auth(), which would have nobody to give.`,
      'Require something of its callers, let a token be optional with @OptionalAuth(), or take @Auth({ optional: true }).',
    ),
  ];
}

/** Declarations that stand where no HTTP request comes by. */
function lostOnController(controller: Function, handlers: readonly Handler[]): ConfigurationError[] {
  const classes = lineage(controller);
  const onClass = classes.flatMap(classDeclarations)[0];
  const lost = classes.flatMap((owner) =>
    declaredMethods(owner).flatMap((method) => lostOnMethod(controller, owner, method)),
  );
  if (onClass === undefined || handlers.some((handler) => handler.controller === controller)) return lost;
  return [
    ...lost,
    new ConfigurationError(
      `${onClass.by} on class ${controller.name} would be lost: the controller has no HTTP handler.`,
      'This version judges HTTP requests only; remove it, and guard messages in another way.',
    ),
  ];
}

function lostOnMethod(controller: Function, owner: Function, method: string): ConfigurationError[] {
  const holder = declaringPrototype(controller, method);
  const by = methodDeclarations(prototypeOf(owner), method)[0]?.by ?? '';
  if (holder === prototypeOf(owner)) {
    if (hasRoute(controller, method)) return [];
    return [
      new ConfigurationError(
        `${by} on ${controller.name}.${method} would be lost: the method has no route.`,
        'Put it on an HTTP handler. If it has a route decorator, a decorator above that one wraps the method and drops its metadata: move the route decorator to the top.',
      ),
    ];
  }
  const declaredAgain = holder === undefined || methodDeclarations(holder, method).length > 0;
  if (declaredAgain || !hasRoute(controller, method)) return [];
  return [
    new ConfigurationError(
      `${controller.name}.${method} overrides ${owner.name}.${method}, whose ${by} would be lost.`,
      `Declare again on ${controller.name}.${method} what it requires.`,
    ),
  ];
}

function lostOnProvider(provider: Function): ConfigurationError[] {
  const classes = lineage(provider);
  const onClass = classes.flatMap(classDeclarations)[0];
  const method = classes.flatMap(declaredMethods)[0];
  if (onClass === undefined && method === undefined) return [];
  const onMethod = classes.flatMap((owner) =>
    method ? methodDeclarations(prototypeOf(owner), method) : [],
  )[0];
  const by = (onClass ?? onMethod)?.by ?? '';
  const place = onClass ? `class ${provider.name}` : `${provider.name}.${method}`;
  return [
    new ConfigurationError(
      `${by} on ${place} would be lost: ${provider.name} is a provider and no HTTP controller.`,
      'This version judges HTTP requests to controllers only. In a service, call authorize(requirement, auth); gateways and resolvers need a guard of their own.',
    ),
  ];
}

function misplaced(entry: Assignment, handlers: readonly Handler[]): ConfigurationError[] {
  const reached = handlers.filter(
    ({ controller, method }) =>
      reaches(entry, controller) && (entry.method === undefined || entry.method === method),
  );
  if (reached.length === 0) {
    return [
      new ConfigurationError(
        `${entry.name} matches no handler: ${entry.controller.name} ${entry.method === undefined ? 'is no controller of this application, or has no handler' : `has no handler '${entry.method}' in this application`}.`,
        'Remove the entry, or name the controller and method that the application has.',
      ),
    ];
  }
  const decorated = reached.find(({ controller, method }) => {
    const holder = declaringPrototype(controller, method);
    const onMethod = holder === undefined ? [] : methodDeclarations(holder, method);
    return onMethod.length > 0 || lineage(controller).some((owner) => classDeclarations(owner).length > 0);
  });
  if (decorated === undefined) return [];
  return [
    new ConfigurationError(
      `${entry.name} is about ${decorated.name}, which is decorated as well.`,
      'Say it in one place: in handlers for controllers that you can not decorate, on the controller for all others.',
    ),
  ];
}

type Warn = (message: string, hint: string) => void;

function warnOfDenied(denied: readonly Judged[], warn: Warn): void {
  if (denied.length === 0) return;
  warn(
    `${count(denied, 'handler declares', 'handlers declare')} no requirement and ${denied.length === 1 ? 'is' : 'are'} denied: ${named(denied)}.`,
    "Declare one with @RequireScopes('…') or @Require(...), open it on purpose with @Public(), or set the option defaultRequirement.",
  );
}

function warnOfOpenScope(judged: readonly Judged[], warn: Warn): void {
  const open = judged.flatMap(({ handler, access }) =>
    access?.mode === 'require' && access.requirement.leavesScopeOpen
      ? [`${handler.name} requires ${access.requirement}`]
      : [],
  );
  if (open.length === 0) return;
  warn(
    `${count(open, 'handler names', 'handlers name')} no scope for delegated tokens, so any client of a user could act there: ${open.join('; ')}.`,
    "Add the scope that clients have to ask for: allOf(scopes('…'), …), or @RequireScopes('…') beside it.",
  );
}

function warnOfUnguarded(unguarded: readonly Judged[], warn: Warn): void {
  if (unguarded.length === 0) return;
  warn(
    `${count(unguarded, 'handler declares what it requires', 'handlers declare what they require')}, and no EntraGuard was seen in front of ${unguarded.length === 1 ? 'it' : 'them'}, so EVERYBODY may call: ${named(unguarded)}.`,
    'Leave installGuard at true, provide APP_GUARD with EntraGuard, or add @UseGuards(EntraGuard). What app.useGlobalGuards() installs is not seen here.',
  );
}

function count(list: readonly unknown[], one: string, many: string): string {
  return `${list.length} ${list.length === 1 ? one : many}`;
}

function named(judged: readonly Judged[]): string {
  return judged.map(({ handler }) => handler.name).join(', ');
}

function joined(problems: readonly ConfigurationError[]): ConfigurationError | undefined {
  const [first, ...others] = problems;
  if (first === undefined || others.length === 0) return first;
  const lines = problems.map((problem) => `\n- ${problem.message}`).join('');
  return new ConfigurationError(
    `${problems.length} declarations can't be right:${lines}\n`,
    'Nothing was started.',
  );
}
