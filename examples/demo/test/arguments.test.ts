import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readArguments } from '../src/arguments.js';

describe('the arguments of the demo', () => {
  beforeEach(() => vi.stubEnv('DEMO_PORT', undefined));
  afterEach(() => vi.unstubAllEnvs());

  it('default to free ports, and to fixed ones with --serve', () => {
    expect(readArguments([])).toEqual({
      help: false,
      serve: false,
      ports: { entra: 0, express: 0, nest: 0 },
    });
    expect(readArguments(['--serve']).ports).toEqual({ entra: 8400, express: 8401, nest: 8402 });
  });

  it('set the first port, as the environment does', () => {
    expect(readArguments(['--port', '9400']).ports).toEqual({ entra: 9400, express: 9401, nest: 9402 });
    vi.stubEnv('DEMO_PORT', '9500');
    expect(readArguments(['--serve']).ports).toEqual({ entra: 9500, express: 9501, nest: 9502 });
  });

  it.each([[['--port', 'http']], [['--port', '65535']], [['--sevre']], [['now']]])(
    'are refused when invalid: %j',
    (given) => {
      expect(() => readArguments(given)).toThrow();
    },
  );
});
