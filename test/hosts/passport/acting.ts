import { BearerStrategy, type IBearerStrategyOption, type VerifyBearerFunction } from '@entra-guard/passport';
import { everybody } from './app.js';

/** The decision that a strategy reported to passport. */
export interface Act {
  readonly did: 'success' | 'fail' | 'error';
  readonly user?: unknown;
  readonly info?: unknown;
  readonly challenge?: unknown;
  readonly status?: number | undefined;
  readonly error?: unknown;
}

type Request = Parameters<BearerStrategy['authenticate']>[0];

/** The parts of a request that strategies read. */
export interface Given {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly query?: unknown;
}

/** Calls a strategy as passport does: on an object that inherits from it. */
export function act(
  strategy: { authenticate(request: Request, options?: object): unknown },
  given: Given = {},
  options?: object,
): Promise<Act> {
  return new Promise((resolve) => {
    const acting = Object.assign(Object.create(strategy) as typeof strategy, {
      success: (user: unknown, info: unknown) => resolve({ did: 'success', user, info }),
      fail: (challenge: unknown, status?: number) => resolve({ did: 'fail', challenge, status }),
      error: (error: unknown) => resolve({ did: 'error', error }),
    });
    acting.authenticate({ method: 'GET', headers: {}, ...given } as unknown as Request, options);
  });
}

/** Returns the outcome of a request: `accepted`, the error code of the challenge, or the code of the error. */
export async function outcome(
  options: IBearerStrategyOption,
  given: Given,
  authenticateOptions?: object,
  verify: VerifyBearerFunction = everybody,
): Promise<string> {
  const { did, challenge, error } = await act(
    new BearerStrategy(options, verify),
    given,
    authenticateOptions,
  );
  if (did === 'success') return 'accepted';
  if (did === 'error') return (error as { readonly code?: string }).code ?? String(error);
  return /error="([a-z_]+)"/.exec(String(challenge))?.[1] ?? String(challenge);
}
