import type { Layer, Route, Router } from './routing.js';

/** One of the paths of a layer, as far as it can be read. */
export interface LayerPath {
  /** For people; `undefined` where Express kept nothing readable. */
  readonly shown: string | undefined;
  /** Whether `shown` is in Express's own path syntax: no pattern, and nothing that Express did not keep. */
  readonly readable: boolean;
  /**
   * The leading segments that every request which comes this way must have: literal ones, and plain parameters as `:`.
   */
  readonly leading: readonly string[];
  /** Whether `leading` is the whole path. */
  readonly plain: boolean;
  /** The pattern, where it is one. */
  readonly regexp?: RegExp;
  /** Equal for two mounts of one router only if they take the same requests. */
  readonly identity: string | undefined;
}

/** Where a middleware or a router is mounted. */
export function mountPaths(layer: Layer, router: Router): readonly LayerPath[] {
  if (layer.slash === true || layer.regexp?.fast_slash === true || layer.regexp?.fast_star === true) {
    return [readPath('/', router)];
  }
  if (layer.rawPath !== undefined) return listOf(layer.rawPath).map((path) => readPath(path, router));
  if (layer.regexp !== undefined) {
    const names = (layer.keys ?? []).map(({ name }) => name);
    return (writtenPaths(layer.regexp, names) ?? [layer.regexp]).map((path) => readPath(path, router));
  }
  return [UNREADABLE];
}

/** The paths of a route. */
export function routePaths(route: Route, router: Router): readonly LayerPath[] {
  return listOf(route.path).map((path) => readPath(path, router));
}

/**
 * Whether every request that reaches `target` has passed `guard`, which was mounted before it in the same router.
 *
 * Both must be in one router: a path that spans several routers proves nothing. Express 4 hands `/api//admin` to a router at
 * `/api` as `/admin`, past the middlewares at `/api/admin`.
 */
export function covers(guard: LayerPath, target: LayerPath, targetIsMount: boolean): boolean {
  if (targetIsMount && guard.identity !== undefined && guard.identity === target.identity) return true;
  return (
    guard.plain &&
    guard.leading.length <= target.leading.length &&
    guard.leading.every((segment, index) => segment === PARAMETER || segment === target.leading[index])
  );
}

/** Whether one request can come to both, which are of one router. `false` only where that is certain. */
export function mayMeet(mounted: LayerPath, target: LayerPath, targetIsMount: boolean): boolean {
  const shorter = target.leading.length < mounted.leading.length;
  if (shorter && target.plain && !targetIsMount) return false;
  return mounted.leading.every((segment, index) => {
    const other = target.leading[index];
    return segment === PARAMETER || other === undefined || other === PARAMETER || other === segment;
  });
}

/** `:name`, `*name` and `:"any name"`. */
const NAMED = /[:*](?:"(?<quoted>[^"]+)"|(?<name>[\p{ID_Start}$_][\p{ID_Continue}$]*))/gu;

/** The parameters of a layer's paths, as far as they can be read. */
export function parametersOf(layer: Layer): readonly string[] {
  // Express 4 lists them.
  if (layer.regexp !== undefined) return (layer.keys ?? []).map(({ name }) => String(name));
  return listOf(layer.rawPath ?? layer.route?.path).flatMap((path) => {
    if (typeof path === 'string') {
      return [...path.matchAll(NAMED)].map(({ groups }) => groups?.name ?? groups?.quoted ?? '');
    }
    return path instanceof RegExp ? groupsOf(path) : [];
  });
}

/** The groups of a pattern, by their names or their numbers: there may be more numbers here than groups. */
function groupsOf(pattern: RegExp): readonly string[] {
  const groups = [...pattern.source.matchAll(/\((?:\?<(?<name>[^=!>][^>]*)>)?/g)];
  return groups.flatMap(({ groups: found }, index) =>
    found?.name === undefined ? [String(index)] : [found.name, String(index)],
  );
}

const PARAMETER = ':';
const UNREADABLE: LayerPath = {
  shown: undefined,
  readable: false,
  leading: [],
  plain: false,
  identity: undefined,
};

function listOf(path: unknown): readonly unknown[] {
  return Array.isArray(path) ? path.flat(Number.POSITIVE_INFINITY) : [path];
}

function readPath(path: unknown, router: Router): LayerPath {
  if (path instanceof RegExp) {
    // A pattern with memory (g, y) does not take the same requests twice.
    const identity = path.global || path.sticky ? undefined : String(path);
    return { ...UNREADABLE, shown: String(path), regexp: path, identity };
  }
  if (typeof path !== 'string') return UNREADABLE;
  const shown = path.replace(/\/+$/, '');
  const compared = router.caseSensitive === true ? shown : shown.toLowerCase();
  return { shown, readable: true, ...leadingSegments(compared), identity: compared };
}

/** Literal in the path syntax of both majors. */
const LITERAL = /^[\w.~%@&,;=-]+$/;
const PLAIN_PARAMETER = /^:[A-Za-z_]\w*$/;
/** Before one of these the slash is certain to be there; others (`?`, `+`, `{`) may make it optional. */
const AFTER_CERTAIN_SLASH = /^[\w.~%@&,;=:*(-]/;

function leadingSegments(path: string): Pick<LayerPath, 'leading' | 'plain'> {
  if (path === '') return { leading: [], plain: true };
  if (!path.startsWith('/') || path.includes('|')) return { leading: [], plain: false };
  const leading: string[] = [];
  for (const segment of path.slice(1).split('/')) {
    if (LITERAL.test(segment)) leading.push(segment);
    else if (PLAIN_PARAMETER.test(segment)) leading.push(PARAMETER);
    else {
      if (!AFTER_CERTAIN_SLASH.test(segment)) leading.pop();
      return { leading, plain: false };
    }
  }
  return { leading, plain: true };
}

/** How the pattern of a mount path ends in Express 4 (path-to-regexp 0.1). */
const END = '\\/?(?=\\/|$)';
const GENERATED_PARAMETER = /(\(\?:\\\/\(\[\^\\?\/\]\+\?\)\))/;

/**
 * The paths that Express 4 made a mount's pattern of; `undefined` for the application's own patterns, and for paths with
 * anything but literals and plain parameters.
 *
 * @param names of the parameters, which are not in the pattern, in their order
 */
function writtenPaths(pattern: RegExp, names: readonly unknown[]): readonly string[] | undefined {
  if (!pattern.source.endsWith(END)) return undefined;
  const left = [...names];
  const nextName = () => String(left.shift() ?? 'param');
  const paths = pattern.source
    .slice(0, -END.length)
    .split(`${END}|`)
    .map((source) => writtenPath(source, nextName));
  return paths.every((path) => path !== undefined) ? paths : undefined;
}

function writtenPath(source: string, nextName: () => string): string | undefined {
  if (!source.startsWith('^')) return undefined;
  // Every second one is a parameter.
  const parts = source
    .slice(1)
    .split(GENERATED_PARAMETER)
    .map((part, index) => (index % 2 === 1 ? `/:${nextName()}` : literalPath(part)));
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

function literalPath(source: string): string | undefined {
  const path = source.replace(/\\([/.])/g, '$1');
  const [before, ...segments] = path.split('/');
  // Doubled slashes at the end are not the root: Express 4 mounts `//` at `/` alone, and not at what is below.
  return before === '' && segments.every((part) => LITERAL.test(part)) ? path : undefined;
}
