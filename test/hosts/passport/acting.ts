import { BearerStrategy, type IBearerStrategyOption, type VerifyBearerFunction } from '@entra-guard/passport';
import { everybody } from './app.js';

/** What a strategy told passport. */
export interface Act {
  readonly did: 'success' | 'fail' | 'error';
  readonly user?: unknown;
  readonly info?: unknown;
  readonly challenge?: unknown;
  readonly status?: number | undefined;
  readonly error?: unknown;
}

type Request = Parameters<BearerStrategy['authenticate']>[0];

/** The part of a request that strategies look at. */
export interface Given {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly query?: unknown;
}

/** Lets a strategy act as passport does: on an object that only inherits from it. */
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

/** In one word what became of a request: `accepted`, the challenge's error code, or the error's code. */
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
