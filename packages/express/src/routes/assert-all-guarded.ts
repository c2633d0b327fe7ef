import { ConfigurationError, type LogSink } from '@entra-guard/core';
import {
  type AssertAllGuardedOptions,
  type Finding,
  isFor,
  judgementFrom,
  rememberReason,
  warn,
} from './exceptions.js';
import { isInspected } from './inspection.js';
import { hasPassed, knownOn, remember } from './known-apps.js';
import { type Mark, marksOf } from './mark.js';
import { HIDDEN_APP, type Walked, walkRoutes } from './walk-routes.js';

/** The guard that asks, and where it writes what is undecided. */
interface Asker {
  readonly maker: object;
  readonly log: LogSink | false;
}

/**
 * Throws unless every route of an application requires something or is declared open with `anonymous()`, in nested routers
 * too. A plain function in `app.use()` (static files, a webhook) can't be
 * told from a middleware and is not looked at.
 *
 * @throws ConfigurationError that names every undecided route, and every exception without an undecided route
 */
export function assertAllGuarded(app: object, options: AssertAllGuardedOptions, { maker, log }: Asker): void {
  const { warns, exceptions } = judgementFrom(options);
  const seen = new Set<Mark>();
  const walked = walkRoutes(app, { known: knownOn, seen });
  if (walked === undefined) {
    throw new ConfigurationError(
      'assertAllGuarded() was given something that is neither an Express application nor a router.',
      'Pass the application itself, after all its routes: guard.assertAllGuarded(app).',
    );
  }
  const found = walked.flatMap(undecidedIn);
  const exceptionFor = (one: Finding) => exceptions.find((exception) => isFor(exception, one));
  for (const one of found) {
    const exception = exceptionFor(one);
    if (exception !== undefined) rememberReason(exception, one);
  }
  const open = found.filter((one) => exceptionFor(one) === undefined);
  const unused = exceptions
    .filter((exception) => !found.some((one) => isFor(exception, one)))
    .map(({ written }) => written);
  const goesOn = warns || isInspected();
  if (goesOn || (open.length === 0 && unused.length === 0)) remember(app, open.length === 0);
  if (open.length === 0 && unused.length === 0) return;
  const hint = open.length === 0 ? 'Take it out of except.' : `${REMEDY}${hiddenIn(maker, seen)}`;
  if (goesOn) {
    warn(log, messageOf(open, unused, '; ', ''), hint);
    return;
  }
  throw new ConfigurationError(`${messageOf(open, unused, '\n  ', '\n')}\n`, hint);
}

const REMEDY =
  "Put guard.require(...) first: app.get('/orders', guard.require(scopes('Orders.Read')), handler). It may also be mounted before the route, in the same router. To open a route on purpose: guard.require(anonymous()), or guard.authenticate({ optional: true }) where a caller is welcome.";

function messageOf(
  open: readonly Finding[],
  unused: readonly string[],
  between: string,
  afterList: string,
): string {
  const lists = [
    {
      title: `${open.length === 1 ? 'One route is' : `${open.length} routes are`} neither guarded nor declared open`,
      lines: open.map(({ method, path, why }) => `${method} ${path}${why === '' ? '' : ` (${why})`}`),
    },
    {
      title: `${unused.length === 1 ? 'One exception is' : `${unused.length} exceptions are`} for no undecided route`,
      lines: unused,
    },
  ];
  return lists
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => `${title}:${between === '; ' ? ' ' : between}${lines.join(between)}`)
    .join(afterList === '' ? '. ' : afterList);
}

/** Guards that stand nowhere may be in wrappers that keep nothing of them. */
function hiddenIn(maker: object, seen: ReadonlySet<Mark>): string {
  const unseen = marksOf(maker).filter((mark) => typeof mark.role === 'object' && !seen.has(mark));
  const names = [...new Set(unseen.map(({ role }) => `guard.require(${role})`))];
  if (names.length === 0) return '';
  const shown = names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? ', …' : '');
  return ` These were made and stand on none of its routes: ${shown}. A wrapper such as asyncHandler(guard.require(...)) hides the guard: remove it, since a guard needs none, or let it declare what it calls: guard.wrapped((req, res, next) => fn(req, res, next), fn).`;
}

const MOST_NAMED = 5;

function undecidedIn(walked: Walked): readonly Finding[] {
  if (walked.kind === 'route') {
    const { method, path, route, undecided } = walked;
    return undecided === undefined ? [] : [{ method, path, why: undecided, route }];
  }
  const { app, path, inside, undecided, exposed } = walked;
  if (undecided === undefined) return [];
  if (app !== undefined && exposed === undefined) {
    // Checked alone it has passed: only what is before it can be wrong.
    return hasPassed(app) ? [] : (inside ?? []).flatMap(undecidedIn);
  }
  const why = undecided === HIDDEN_APP ? `${HIDDEN_APP}: call assertAllGuarded on it first` : undecided;
  return [{ method: 'ALL', path: `${path}/*`, why, route: walked }];
}
