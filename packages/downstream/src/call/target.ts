import { DownstreamError } from '@entra-guard/core/downstream';
import type { ApiSettings } from '../options/api-options.js';

/**
 * Returns the URL of a call. A token goes only to its API's origin, and below its base path.
 *
 * @param path below the base path, with or without a slash before it: `/me?$select=id`
 * @throws DownstreamError `downstream_target_refused` for another host, a scheme, `//`, a backslash, a control character, and `..`
 */
export function targetOf({ name, base }: ApiSettings, path: string): URL {
  const problem = problemOf(path);
  if (problem !== undefined) throw refused(name, problem);
  const url = new URL(path.replace(/^\//, './'), base);
  if (!isBelow(url, base)) throw refused(name, 'leads away from its base URL');
  return url;
}

/** Tells whether a URL is on the origin of another and below its path. */
export function isBelow(url: URL, base: URL): boolean {
  return (
    url.origin === base.origin &&
    url.username === '' &&
    url.password === '' &&
    url.pathname.startsWith(base.pathname)
  );
}

/** Looks at the text: URL parsers change it before they can be asked. */
function problemOf(path: unknown): string | undefined {
  if (typeof path !== 'string') return `is of type ${typeof path}`;
  // WHATWG URL: a parser drops tabs and line breaks, and takes a backslash for a slash.
  if (/[^\x21-\x5b\x5d-\x7e\u0080-\uffff]/.test(path))
    return 'has a space, a control character or a backslash';
  if (path.startsWith('//')) return 'begins with //, and so with a host';
  const [beforeQuery = ''] = path.split(/[?#]/, 1);
  if (/^[^/]*:/.test(beforeQuery)) return 'begins with a scheme';
  const isDots = (segment: string): boolean => /^(?:\.|%2e){1,2}$/i.test(segment);
  if (beforeQuery.split('/').some(isDots)) return 'has the segment . or ..';
  // Some servers decode these before they split the path.
  if (/%(?:2f|5c|00)/i.test(beforeQuery)) return 'has an encoded slash, backslash or zero byte';
  return undefined;
}

function refused(api: string, problem: string): DownstreamError {
  return new DownstreamError({
    code: 'downstream_target_refused',
    // Not the path: it may hold what the caller has sent.
    message: `A path for '${api}' ${problem}.`,
    hint: `Pass a path below the baseUrl of apis.${api}, such as '/me'. Encode what comes from callers: encodeURIComponent(id).`,
    api,
  });
}
