import { ConfigurationError, type ExpressGuard } from '@entra-guard/express';

/** The lines of the error; none when it does not throw. */
export function undecidedOf(guard: Pick<ExpressGuard, 'assertAllGuarded'>, app: object): readonly string[] {
  try {
    guard.assertAllGuarded(app);
    return [];
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    return error.message
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .map((line) => line.trim());
  }
}
