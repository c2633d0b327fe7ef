import type { AuthContext } from '../auth/auth-context.js';
import type { LogSink } from '../log.js';
import type { Owner, ValidatorOptions } from '../options.js';

export interface ValidatorState { readonly todo: true }
export interface Validator {
  validate(accessToken: string): Promise<AuthContext>;
  ready(): Promise<void>;
  state(): ValidatorState;
  close(): void;
}
export interface ValidatorSettings { readonly realm: string; readonly owner: Owner | undefined; readonly now: () => number; readonly log: LogSink | false | undefined }
export declare function createValidator(options: ValidatorOptions | readonly ValidatorOptions[]): Validator;
export declare function settingsOf(validator: Validator): ValidatorSettings;
