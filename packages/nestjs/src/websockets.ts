export { EntraGuardWsException } from './websockets/entra-guard.ws-exception.js';
export { guardConnections } from './websockets/guard-connections.js';
export { TOKEN_PROTOCOL } from './websockets/handshake.js';
export {
  type WebSocketCall,
  type WebSocketContext,
  type WebSocketContextOptions,
  webSocketContext,
} from './websockets/websocket-context.js';
