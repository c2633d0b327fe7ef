import type { Anonymous, AuthContext, Grant, Guard, RequestLike } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import type { ContextAdapter, ContextHost } from '../contexts/context-adapter.js';

/** A call of a tool, prompt or resource that was let in before it was dispatched. */
export interface McpCall {
  /** `undefined` for what is open to callers without a token. */
  readonly auth: AuthContext | undefined;
  /** What the caller was judged by. */
  readonly requirement: Grant | Anonymous;
  readonly adapter: ContextAdapter;
}

/** What decides about the requests of MCP clients, call by call. */
export interface McpGate {
  /**
   * Decides about a request. Never settles for one that it has answered itself.
   *
   * @returns the caller; `undefined` for callers without a token, of what is open to them
   */
  enter(context: ExecutionContext, host: ContextHost): Promise<AuthContext | undefined>;
  /** Whether a request was let in without a caller. */
  isOpenTo(request: RequestLike): boolean;
  /** The call that Nest hands to a handler, if it was let in. */
  callOf(context: ExecutionContext): McpCall | undefined;
}

const gates = new WeakMap<Guard, McpGate>();

/** Makes a gate known to the guards over the core's. */
export function setMcpGate(core: Guard, gate: McpGate): void {
  gates.set(core, gate);
}

/** The gate of the MCP server of an application, if there is one. */
export function mcpGateOf(core: Guard): McpGate | undefined {
  return gates.get(core);
}
