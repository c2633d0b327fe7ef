import type { AuthContext, Grant, Guard } from '@entra-guard/core';

/** Answers a request whose caller the guard has let in; what else the host passes comes after it. */
type Handler<Rest extends unknown[]> = (
  auth: AuthContext,
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/** Guards handlers of web-standard requests. The name of a handler is for logs and audit events. */
export function guardedBy(guard: Guard) {
  return <Rest extends unknown[]>(name: string, requirement: Grant, handler: Handler<Rest>) => {
    guard.declare(requirement, name);
    return async (request: Request, ...rest: Rest): Promise<Response> => {
      let auth: AuthContext;
      try {
        // Only anonymous() gives no caller.
        auth = await guard.require(request, requirement, { handler: name });
      } catch (error) {
        const { status, headers, body } = guard.toHttp(error);
        return Response.json(body, { status, headers });
      }
      return handler(auth, request, ...rest);
    };
  };
}
