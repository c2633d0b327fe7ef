import * as nest from '@nestjs/common';

/** From NestJS 11 on. */
const intrinsic = (nest as { readonly IntrinsicException?: unknown }).IntrinsicException;

/** Whether Nest has a class for what it throws on without a line in its log, in every context. */
export const hasUnlogged = intrinsic !== undefined;

/**
 * What Nest throws on without a line in its log: refusals are there already, within a limit. In NestJS 10 that is what HTTP
 * throws, which it leaves out of the log in GraphQL too.
 */
export const Unlogged = (intrinsic ?? nest.HttpException) as new (message: string, status: number) => Error;
