export { originInState } from '../state/state-file.js';
export { type ClientSettings, clientSettings } from './client-settings.js';
export { exampleDirectory } from './example-directory.js';
export type { LocalReport, ReportedApi, ReportedClient, ReportedUser } from './local-report.js';
export { readLocalConfig } from './read-config.js';
export { DEFAULT_PORT, localFetch, type StartedLocal, startLocal } from './start-local.js';
