// What adapters need for WebSockets and messages: where a token may stand, and how a refusal is told without HTTP headers.
export { type ConnectionLike, endConnection, onConnectionEnded } from './answer/connection.js';
export { closeCodeOf, type Refusal, refusalOf } from './answer/refusal.js';
export { authorizationIn, authorizationOf, requestWith } from './credential/authorization-values.js';
export {
  handshakeOf,
  partsOf,
  rememberUpgrade,
  TOKEN_PROTOCOL,
  upgradeCredentials,
  withoutTokens,
} from './credential/handshake.js';
