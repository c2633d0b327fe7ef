export { TOKEN_PROTOCOL } from '@entra-guard/core/connections';
export { EntraGuardWsException } from './websockets/entra-guard.ws-exception.js';
export { guardConnections } from './websockets/guard-connections.js';
export {
  type WebSocketCall,
  type WebSocketContext,
  type WebSocketContextOptions,
  webSocketContext,
} from './websockets/websocket-context.js';
