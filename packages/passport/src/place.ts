import type { Request } from 'express';

const LONGEST = 200;

/** Returns where a decision was made, for logs and audit events: the route, not the URL, which holds personal data. */
export function placeOf(request: Request): string {
  const { method, baseUrl, route } = request as Partial<Pick<Request, 'method' | 'baseUrl' | 'route'>>;
  const path: unknown = (route as { readonly path?: unknown } | undefined)?.path ?? '/*';
  return `${method ?? '?'} ${baseUrl ?? ''}${String(path)}`.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST);
}
