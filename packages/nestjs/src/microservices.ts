export {
  type AuthorizationSource,
  fromHeaders,
  fromPayload,
  type MicroserviceCall,
} from './microservices/credentials.js';
export {
  EntraGuardEventException,
  EntraGuardGrpcException,
  EntraGuardRpcException,
} from './microservices/entra-guard.rpc-exception.js';
export {
  type MicroserviceContextOptions,
  microserviceContext,
} from './microservices/microservice-context.js';
