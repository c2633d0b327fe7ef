import type { RevocationRequestOptions } from '@entra-guard/core/revocation';
import { type AsyncOptions, type AsyncSource, givenOptions } from '../async-options.js';
import { REVOCATION_OPTIONS } from '../entra-guard.tokens.js';

/** Makes the options; for `useClass` and `useExisting`. */
export interface EntraRevocationsOptionsFactory {
  createEntraRevocationsOptions(): RevocationRequestOptions | Promise<RevocationRequestOptions>;
}

/** Options of `EntraRevocationsModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface EntraRevocationsAsyncOptions
  extends AsyncOptions<RevocationRequestOptions, EntraRevocationsOptionsFactory> {}

/** Where `forRootAsync` takes its options from. */
export const REVOCATION_SOURCE: AsyncSource<RevocationRequestOptions, EntraRevocationsOptionsFactory> = {
  module: 'EntraRevocationsModule',
  token: REVOCATION_OPTIONS,
  create: (factory) => factory.createEntraRevocationsOptions(),
  example: '{ allow, operatorTenants }',
};

/** @throws ConfigurationError for what is not an object with options */
export function givenRevocationOptions(options: unknown): RevocationRequestOptions {
  return givenOptions(
    'EntraRevocationsModule',
    options,
    'Import EntraRevocationsModule.forRoot(), or forRoot({ allow, operatorTenants }). A factory returns an object, too.',
  );
}
