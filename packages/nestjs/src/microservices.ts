export {
  type AuthorizationSource,
  fromHeaders,
  fromPayload,
  type MicroserviceCall,
} from './microservices/credentials.js';
export {
  EntraGuardGrpcException,
  EntraGuardRpcException,
} from './microservices/entra-guard.rpc-exception.js';
export {
  type MicroserviceContextOptions,
  microserviceContext,
} from './microservices/microservice-context.js';
