import type { ValidatorOptions } from './options.js';
export declare function optionsFromEnv(): ValidatorOptions;
