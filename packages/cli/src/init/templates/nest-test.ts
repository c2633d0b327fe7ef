import { FIRST_SCOPE } from './scope.js';
import type { TestFrame } from './test-frame.js';

/** The module that is tested, and where it is. */
export interface TestedModule {
  readonly name: string;
  readonly from: string;
}

/** A test that shows who is let in, with tokens of a local Entra. It needs no tenant and no network. */
export function nestTestTemplate(frame: TestFrame, { name, from }: TestedModule): string {
  return `${frame.top}import { equal } from 'node:assert/strict';
import { ENTRA_GUARD_OPTIONS } from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
${frame.importsTest}import { ${name} } from '${from}';

/** Declares nothing, so it requires what every handler does. */
@Controller('entra-guard-probe')
class ProbeController {
  @Get()
  answer() {
    return 'let in';
  }
}

test('only callers with the scope ${FIRST_SCOPE} are let in', async () => {
  // A local Entra: real signatures, through the validator that runs in production.
  const entra = await startEntra();
  const testing = await Test.createTestingModule({ imports: [${name}], controllers: [ProbeController] })
    .overrideProvider(ENTRA_GUARD_OPTIONS)
    .useValue(entra.options())
    .compile();
  const app = testing.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  const origin = await app.getUrl();
  const statusFor = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(\`\${origin}/entra-guard-probe\`, { headers });
    await answer.text();
    return answer.status;
  };
  try {
    equal(await statusFor(), 401, 'no token');
    equal(await statusFor(entra.wrong.expired().headers), 401, 'an expired token');
    equal(await statusFor(entra.user('ada', { scp: 'Other.Scope' }).headers), 403, 'another scope');
    equal(await statusFor(entra.user('ada', { scp: '${FIRST_SCOPE}' }).headers), 200, 'Ada');
  } finally {
    await app.close();
    await entra.close();
  }
});
`;
}
