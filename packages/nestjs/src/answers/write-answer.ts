import type { ServerResponse } from 'node:http';

/** What a middleware of this package answers: a refusal, or what was done. */
export interface WrittenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | undefined;
}

/** Writes to Node's response, so that no interceptor or filter of the application changes an answer. */
export function writeAnswer(
  response: ServerResponse,
  method: string,
  { status, headers, body }: WrittenAnswer,
): void {
  if (response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    if (body !== undefined || name !== 'Content-Type') response.setHeader(name, value);
  }
  response.end(body === undefined || method === 'HEAD' ? undefined : JSON.stringify(body));
}

/** Headers of JSON that is for one caller. */
export const JSON_HEADERS = { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' } as const;
