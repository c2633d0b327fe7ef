import { dressed, type StrategyError } from './strategy-error.js';

/** The part of NestJS's `HttpException` that is needed here. */
type HttpExceptionClass = new (body: object, status: number, options: { readonly cause: unknown }) => Error;

let loading: Promise<HttpExceptionClass | undefined> | undefined;

/**
 * A refusal as NestJS answers one without a word: whatever is no `HttpException` of its own it logs as an error of the
 * service, with its stack, for each request. Where `@nestjs/common` can't be loaded, the refusal as it is.
 */
export async function asNestException(refusal: StrategyError): Promise<Error> {
  loading ??= loadHttpException();
  const HttpException = await loading;
  if (HttpException === undefined) return refusal;
  const { status, message, cause, code, headers } = refusal;
  const exception = new HttpException({ statusCode: status, message }, status, { cause });
  return dressed(exception, { status, cause, code, headers });
}

/** NestJS is there, or nothing would ask; bundlers of services without it must not look for it. */
async function loadHttpException(): Promise<HttpExceptionClass | undefined> {
  const name = ['@nestjs', 'common'].join('/');
  try {
    const loaded = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Exporting & {
      readonly default?: Exporting;
    };
    return loaded.HttpException ?? loaded.default?.HttpException;
  } catch {
    return undefined;
  }
}

interface Exporting {
  readonly HttpException?: HttpExceptionClass;
}
