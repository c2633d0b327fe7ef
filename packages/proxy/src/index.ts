export { POLICY_VERSION } from './policy/index.js';
