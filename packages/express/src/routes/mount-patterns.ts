import { mountPaths } from './layer-path.js';
import { registered } from './registered.js';
import { type Router, routerOf } from './routing.js';

/** An application, as far as Express says where it is mounted. */
interface Mounted {
  readonly mountpath?: unknown;
  readonly parent?: unknown;
}

interface Pattern {
  readonly shown: string;
  /** In lower case; parameters begin with a colon. */
  readonly segments: readonly string[];
}

/** In the place of a mount path that can't be told from what the caller wrote. */
const UNKNOWN = '(mounted router)';

/** Routes are added while an application starts; a caller who varies the path can't have them read more often than this. */
const MOST_READINGS = 8;

/** The mount paths of one application, which requests are found in by the URL that brought them there. */
class MountPatterns {
  readonly #app: object;
  #readings = 0;
  #literal = new Map<string, string>();
  #others: readonly Pattern[] = [];

  constructor(app: object) {
    this.#app = app;
  }

  find(url: string): string {
    const segments = segmentsOf(url);
    return this.#found(segments) ?? this.#foundAgain(segments) ?? UNKNOWN;
  }

  #found(segments: readonly string[]): string | undefined {
    return this.#literal.get(segments.join('/')) ?? this.#others.find((one) => takes(one, segments))?.shown;
  }

  #foundAgain(segments: readonly string[]): string | undefined {
    if (this.#readings >= MOST_READINGS) return undefined;
    this.#readings++;
    const patterns = patternsOf(this.#app).map((shown) => ({ shown, segments: segmentsOf(shown) }));
    this.#literal = new Map(
      patterns
        .filter(({ segments: own }) => parametersIn(own) === 0)
        .map(({ shown, segments: own }) => [own.join('/'), shown]),
    );
    this.#others = patterns
      .filter(({ segments: own }) => parametersIn(own) > 0)
      .sort((a, b) => parametersIn(a.segments) - parametersIn(b.segments));
    return this.#found(segments);
  }
}

const known = new WeakMap<object, MountPatterns>();

/**
 * The path that a request was mounted at, as the application wrote it: `/customers/:email`. What the caller wrote there
 * (`/customers/ada@contoso.example`) is personal data, and is different each time.
 *
 * @param app the application that the request is in
 * @param url what Express has taken off the request's path, not empty
 */
export function mountPattern(app: unknown, url: string): string {
  if (typeof app !== 'function') return UNKNOWN;
  const patterns = known.get(app) ?? new MountPatterns(app);
  known.set(app, patterns);
  return patterns.find(url);
}

/** Every path that something is mounted at, below the paths that the application itself is mounted at. */
function patternsOf(app: object, below: readonly object[] = []): readonly string[] {
  const router = routerOf(app);
  const own = router === undefined ? [] : patternsIn(router, '', new Set());
  const { parent, mountpath } = app as Mounted;
  if (typeof parent !== 'function' || below.includes(app)) return own;
  const ends = [mountpath].flat(Number.POSITIVE_INFINITY).map((path) => withoutSlash(String(path)));
  const above = ['', ...patternsOf(parent, [...below, app])].filter((path) =>
    ends.some((end) => path.endsWith(end)),
  );
  return above.flatMap((path) => [path, ...own.map((inner) => path + inner)]);
}

function patternsIn(router: Router, above: string, within: ReadonlySet<object>): readonly string[] {
  if (within.has(router.stack)) return [];
  const inside = new Set([...within, router.stack]);
  return router.stack.flatMap((layer) => {
    if (layer.route !== undefined) return [];
    const inner = routerOf(registered(layer.handle));
    return mountPaths(layer, router).flatMap(({ shown, plain }) => {
      if (shown === undefined || !plain) return [];
      const path = above + shown;
      return inner === undefined ? [path] : [path, ...patternsIn(inner, path, inside)];
    });
  });
}

function takes({ segments }: Pattern, url: readonly string[]): boolean {
  return (
    segments.length === url.length &&
    segments.every((segment, index) => segment.startsWith(':') || segment === url[index])
  );
}

function parametersIn(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith(':')).length;
}

function segmentsOf(path: string): readonly string[] {
  return path.toLowerCase().split('/').filter(Boolean);
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
