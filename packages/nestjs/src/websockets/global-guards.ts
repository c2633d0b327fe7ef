import { SocketModule } from '@nestjs/websockets/socket-module.js';

/** What the class creates for gateways: in it, what asks for guards. */
interface ContextCreator {
  readonly guardsContextCreator?: { getGlobalMetadata?(): readonly unknown[] };
}

/**
 * Whether this version of `@nestjs/websockets` runs global guards for gateways: 12 does, 10 and 11 do not. It is asked
 * instead of its number: what it creates for gateways either looks at the application's guards or has never heard of them.
 */
export function gatewaysRunGlobalGuards(): boolean {
  const guard = {};
  const config = { getGlobalGuards: () => [guard], getGlobalRequestGuards: () => [] };
  const { getContextCreator } = SocketModule.prototype as unknown as {
    readonly getContextCreator?: (...args: unknown[]) => ContextCreator;
  };
  try {
    const creator = getContextCreator?.apply({}, [{}, config, {}]);
    return creator?.guardsContextCreator?.getGlobalMetadata?.().includes(guard) === true;
  } catch {
    // What can't be asked is not relied on: the gateway has to name its guard.
    return false;
  }
}
