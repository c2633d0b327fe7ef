export const app: never = undefined as never;
