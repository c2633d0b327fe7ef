import { dressed, type StrategyError } from './strategy-error.js';

/** The constructor of NestJS's `HttpException`. */
type HttpExceptionClass = new (body: object, status: number, options: { readonly cause: unknown }) => Error;

let loading: Promise<HttpExceptionClass | undefined> | undefined;

/**
 * Turns a refusal into an `HttpException`, because NestJS logs any other error as a failure of the service, with its
 * stack. Returns the refusal unchanged if `@nestjs/common` can't be loaded.
 */
export async function asNestException(refusal: StrategyError): Promise<Error> {
  loading ??= loadHttpException();
  const HttpException = await loading;
  if (HttpException === undefined) return refusal;
  const { status, message, cause, code, headers } = refusal;
  const exception = new HttpException({ statusCode: status, message }, status, { cause });
  return dressed(exception, { status, cause, code, headers });
}

/** Loads `HttpException`. Bundlers must not resolve the import, because most services do not have NestJS. */
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
