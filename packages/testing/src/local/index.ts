export { readLocalConfig } from './read-config.js';
