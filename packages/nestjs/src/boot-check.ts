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
import {
  controllersOf,
  gatewaysOf,
  type Handler,
  handlersOf,
  isHandler,
  providerClasses,
} from './handler-inventory.js';
import { type Assignment, type HandlerRequirements, reaches } from './handler-requirements.js';

/** What {@link checkAtBoot} looks at. */
export interface BootFacts {
  readonly modules: ModulesContainer;
  readonly requirements: HandlerRequirements;
  /** A handler's name for people, with the global prefix and version of its path. */
  readonly nameOf: (handler: Handler) => string;
  readonly assignments: readonly Assignment[];
  readonly log: LogSink;
  /** What would cover a handler that no guard covers. */
  readonly remedyFor: (handler: Handler, declares: boolean) => string | undefined;
  /** The names of the guards of others that stand in front of a handler. */
  readonly otherGuards: (handler: Handler) => readonly string[];
  /** What would guard the connections of gateways, where nothing does. */
  readonly connectionRemedy: string | undefined;
  /** Whether a caller may begin with a nested handler of GraphQL, without any guard of a parent. */
  readonly mayBeRoot: (handler: Handler) => boolean;
  /** Whether the guard was meant to be in front of every handler, and not only where somebody puts it. */
  readonly installed: boolean;
  readonly uncovered: 'refuse' | 'warn';
}

interface Judged {
  readonly handler: Handler;
  readonly access: HandlerAccess | undefined;
  readonly remedy: string | undefined;
}

/** What is open to everybody, against what is declared for it or without anything being declared. */
export interface Uncovered {
  readonly name: string;
  readonly remedy: string;
}

type CoverageQuestion = Pick<
  BootFacts,
  | 'modules'
  | 'requirements'
  | 'nameOf'
  | 'remedyFor'
  | 'otherGuards'
  | 'connectionRemedy'
  | 'installed'
  | 'mayBeRoot'
>;

function namedHandlers({ modules, nameOf }: Pick<BootFacts, 'modules' | 'nameOf'>): readonly Handler[] {
  return handlersOf(modules).map((handler) => ({ ...handler, name: nameOf(handler) }));
}

/** Handlers that no guard covers though somebody may think so. What is declared public is open in any case. */
export function uncoveredHandlers(facts: CoverageQuestion): readonly Uncovered[] {
  return gapsAmong(
    namedHandlers(facts).map((handler) => {
      const { access } = facts.requirements.learn(handler.controller, handler.method, handler.callbacks);
      return { handler, access, remedy: facts.remedyFor(handler, access !== undefined) };
    }),
    facts,
  );
}

function gapsAmong(judged: readonly Judged[], facts: CoverageQuestion): readonly Uncovered[] {
  const gaps = judged.flatMap((one) => gapOf(one, facts));
  const { connectionRemedy: remedy } = facts;
  if (remedy === undefined) return gaps;
  const gateways = gatewaysOf(facts.modules).filter(
    (gateway) => facts.installed || judged.some((one) => one.handler.controller === gateway && !isOpen(one)),
  );
  return [...gaps, ...gateways.map((gateway) => ({ name: `${gateway.name} (its connections)`, remedy }))];
}

function isOpen({ access }: Judged): boolean {
  return access === undefined || (access.mode === 'require' && access.requirement.role === 'anonymous');
}

function gapOf({ handler, access, remedy }: Judged, facts: CoverageQuestion): Uncovered[] {
  if (remedy === undefined) return [];
  if (access?.mode === 'require' && access.requirement.role === 'anonymous') return [];
  // Without a declaration a nested field is as open as its parent, which is how GraphQL is used; a root has none.
  if (access === undefined && handler.nested && !facts.mayBeRoot(handler)) return [];
  // What another guard stands in front of is that guard's, as long as ours is left to @UseGuards.
  if (access === undefined && !facts.installed && facts.otherGuards(handler).length > 0) return [];
  return [{ name: handler.name, remedy }];
}

/** One error for all handlers that no guard covers, each remedy said once. */
export function uncoveredError(gaps: readonly Uncovered[]): ConfigurationError {
  return new ConfigurationError(uncoveredSentence(gaps), 'Nothing was started.');
}

function uncoveredSentence(gaps: readonly Uncovered[]): string {
  const remedies = [...new Set(gaps.map(({ remedy }) => remedy))];
  const lines = remedies.map((remedy) => {
    const names = gaps.filter((gap) => gap.remedy === remedy).map(({ name }) => name);
    return `\n- ${names.join(', ')}. ${remedy}`;
  });
  return `${gaps.length} ${gaps.length === 1 ? 'place is' : 'places are'} covered by no EntraGuard, so that EVERYBODY gets in:${lines.join('')}\n`;
}

/**
 * Looks at every handler before the first request: names those that are denied because nothing is declared for them, and
 * those that leave the scope open.
 *
 * @throws ConfigurationError for what contradicts itself, or would be lost without a word
 */
export function checkAtBoot(facts: BootFacts): void {
  const { modules, requirements, assignments, log, remedyFor, uncovered } = facts;
  const handlers = namedHandlers(facts);
  const problems: ConfigurationError[] = [];
  const judged: Judged[] = [];
  for (const handler of handlers) {
    try {
      const { access } = requirements.learn(handler.controller, handler.method, handler.callbacks);
      judged.push({ handler, access, remedy: remedyFor(handler, access !== undefined) });
    } catch (error) {
      const problem = prefixed(handler.name, error);
      if (!ConfigurationError.is(problem)) throw problem;
      problems.push(problem);
    }
  }
  problems.push(
    ...judged.flatMap(authOfNobody),
    ...[...controllersOf(modules)].flatMap((controller) => lostOnController(controller, handlers)),
    ...[...providerClasses(modules)].flatMap((provider) => lostOnProvider(provider, handlers)),
    ...assignments.flatMap((entry) => misplaced(entry, handlers)),
  );
  const gaps = gapsAmong(judged, facts);
  if (gaps.length > 0 && uncovered === 'refuse') problems.push(uncoveredError(gaps));
  const problem = joined(problems);
  if (problem !== undefined) throw problem;
  const warn = (message: string, hint: string): void => {
    log({ level: 'warn', event: 'configuration', message, hint });
  };
  if (gaps.length > 0) warn(uncoveredSentence(gaps), "This starts because uncovered is 'warn'.");
  warnOfDenied(
    judged.filter(({ access, remedy }) => access === undefined && remedy === undefined),
    warn,
  );
  warnOfOpenScope(judged, warn);
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

/** Declarations that stand where nobody calls from outside. */
function lostOnController(controller: Function, handlers: readonly Handler[]): ConfigurationError[] {
  const classes = lineage(controller);
  const onClass = classes.flatMap(classDeclarations)[0];
  const lost = classes.flatMap((owner) =>
    declaredMethods(owner).flatMap((method) => lostOnMethod(controller, owner, method, handlers)),
  );
  if (onClass === undefined || handlers.some((handler) => handler.controller === controller)) return lost;
  return [
    ...lost,
    new ConfigurationError(
      `${onClass.by} on class ${controller.name} would be lost: the controller has no handler.`,
      'Remove it, or put it on the controller whose handlers it is about.',
    ),
  ];
}

function lostOnMethod(
  controller: Function,
  owner: Function,
  method: string,
  handlers: readonly Handler[],
): ConfigurationError[] {
  const holder = declaringPrototype(controller, method);
  const by = methodDeclarations(prototypeOf(owner), method)[0]?.by ?? '';
  if (holder === prototypeOf(owner)) {
    if (isHandler(controller, method)) return [];
    const { made, missed } = handlersMadeOf(controller, method, handlers);
    if (made.length > 0 && missed.length === 0) return [];
    const lost =
      missed.length > 0
        ? `${by} on ${controller.name}.${method} does not reach ${missed.join(', ')}.`
        : `${by} on ${controller.name}.${method} would be lost: the method has no route.`;
    return [
      new ConfigurationError(
        lost,
        'Put it on a handler. If it has a route decorator, or one that makes several handlers of a method, a decorator above that one wraps the method, or comes too late for what was made: move the route decorator to the top.',
      ),
    ];
  }
  const declaredAgain = holder === undefined || methodDeclarations(holder, method).length > 0;
  if (declaredAgain || !isHandler(controller, method)) return [];
  return [
    new ConfigurationError(
      `${controller.name}.${method} overrides ${owner.name}.${method}, whose ${by} would be lost.`,
      `Declare again on ${controller.name}.${method} what it requires.`,
    ),
  ];
}

/** What a decorator has made of a method that is not a handler itself: those that its declarations have reached, and not. */
function handlersMadeOf(controller: Function, method: string, handlers: readonly Handler[]) {
  const declarations = methodDeclarations(prototypeOf(controller), method);
  const own = handlers.filter((handler) => handler.controller === controller);
  const isMade = ({ method: name }: Handler): boolean => {
    const holder = declaringPrototype(controller, name);
    const reached = holder === undefined ? [] : methodDeclarations(holder, name);
    return declarations.length > 0 && declarations.every((declaration) => reached.includes(declaration));
  };
  return {
    made: own.filter(isMade),
    // ts-rest and its like name what they make after the method.
    missed: own
      .filter((handler) => handler.method.startsWith(`${method}_`) && !isMade(handler))
      .map(({ name }) => name),
  };
}

/** On a provider, a declaration has to be about a resolver's field or a gateway's message. */
function lostOnProvider(provider: Function, handlers: readonly Handler[]): ConfigurationError[] {
  if (handlers.some((handler) => handler.controller === provider)) {
    return lineage(provider).flatMap((owner) =>
      declaredMethods(owner).flatMap((method) => lostOnMethod(provider, owner, method, handlers)),
    );
  }
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
      `${by} on ${place} would be lost: ${provider.name} is a provider, and no controller, resolver or gateway.`,
      'In a service, a scheduled job or a queue processor no guard runs: call authorize(requirement, auth) with the caller that it works for.',
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
