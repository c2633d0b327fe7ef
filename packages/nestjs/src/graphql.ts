export { EntraGuardGraphQLError } from './graphql/entra-guard.graphql-error.js';
export { type GraphQLCall, graphqlContext } from './graphql/graphql-context.js';
