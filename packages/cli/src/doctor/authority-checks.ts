import type { ValidatorState } from '@entra-guard/core';
import { type Check, type CheckName, ok, problem, skipped, warning } from './check.js';
import type { Exchange } from './exchanges.js';
import { hintFor, isCertificateFailure } from './failure-hints.js';

/** Milliseconds. */
const SLOW = 2000;
const NOT_REACHED = 'the authority was not reached';

/** Whether the authority answers, and with documents. */
export function checkReachability(exchanges: readonly Exchange[]): Check {
  const bad = exchanges.find((one) => !isDocument(one));
  const [first] = exchanges;
  if (first === undefined) return skipped('reachability', 'nothing had to be asked');
  if (bad === undefined) {
    const { origin } = new URL(first.url);
    const slowest = Math.max(...exchanges.map(({ startedAt, endedAt }) => endedAt - startedAt));
    return slowest < SLOW
      ? ok('reachability', `${origin} answers`)
      : warning(
          'reachability',
          `${origin} took ${slowest} ms to answer`,
          'After 5 s it counts as down. What slows the way to it?',
        );
  }
  const { url, failure, answer } = bad;
  if (isCertificateFailure(bad)) return skipped('reachability', `${url} was not asked: see certificates`);
  const what =
    failure !== undefined
      ? `gives no answer: ${failure.message}`
      : `answers ${answer?.status}${answer?.status === 200 ? `, and no JSON but ${answer.contentType || 'something else'}` : ''}`;
  return problem('reachability', `${url} ${what}`, hintFor(bad));
}

/** Whether its certificate holds. */
export function checkCertificates(exchanges: readonly Exchange[]): Check {
  const bad = exchanges.find(isCertificateFailure);
  if (bad !== undefined) {
    return problem('certificates', `of ${new URL(bad.url).host}: ${bad.failure?.message}`, hintFor(bad));
  }
  const answered = exchanges.find(({ answer }) => answer !== undefined);
  if (answered === undefined) return skipped('certificates', NOT_REACHED);
  const { protocol, host } = new URL(answered.url);
  return ok(
    'certificates',
    protocol === 'https:' ? `that of ${host} holds` : `none: ${host} is this machine`,
  );
}

/** Whether this machine's clock agrees with the authority's. Its `Date` has whole seconds. */
export function checkClock(exchanges: readonly Exchange[], tolerance: number): Check {
  const dated = exchanges
    .flatMap(({ startedAt, endedAt, answer }) =>
      answer?.date === undefined ? [] : [{ startedAt, took: endedAt - startedAt, date: answer.date + 500 }],
    )
    .toSorted((a, b) => a.took - b.took);
  const [best] = dated;
  if (best === undefined) {
    return skipped('clock', exchanges.some(isDocument) ? 'the answers have no Date' : NOT_REACHED);
  }
  const { startedAt, took, date } = best;
  if (took > 10_000) return skipped('clock', 'the authority answers too slowly to tell');
  const difference = Math.round((startedAt + took / 2 - date) / 1000);
  const away = Math.abs(difference);
  const found = `${away} s ${difference < 0 ? 'behind' : 'ahead of'} the authority's`;
  if (away > tolerance) {
    return problem(
      'clock',
      `${found}, and ${tolerance} s are tolerated: ${difference < 0 ? 'new tokens are not valid yet' : 'tokens expire too early'}`,
      'Set the clock by NTP. Do not raise clockTolerance instead.',
    );
  }
  return away > 5
    ? warning('clock', found, `Set the clock by NTP: at ${tolerance} s tokens are refused.`)
    : ok('clock', `agrees with the authority's`);
}

/** Whether the core takes the metadata. */
export function checkMetadata(state: ValidatorState, exchanges: readonly Exchange[]): Check {
  return checkDocuments(state, exchanges, 'metadata', (sources) => sources.map(({ url }) => url).join(', '));
}

/** Whether the core takes the keys. */
export function checkKeys(state: ValidatorState, exchanges: readonly Exchange[]): Check {
  const { keyIds } = state;
  return checkDocuments(
    state,
    exchanges,
    'keys',
    () => `${keyIds.length} that can be used: ${keyIds.join(', ')}`,
  );
}

function checkDocuments(
  { sources }: ValidatorState,
  exchanges: readonly Exchange[],
  document: 'metadata' | 'keys',
  describe: (read: ValidatorState['sources']) => string,
): Check {
  const name: CheckName = document;
  const concerned = sources.filter((source) => source.document === document);
  const failed = concerned.find(({ lastError }) => lastError !== undefined);
  if (failed !== undefined) {
    const { url, lastError } = failed;
    if (!exchanges.some((one) => one.url === url && isDocument(one)))
      return skipped(name, `${url} gave no document`);
    return problem(
      name,
      `${url}: ${lastError}`,
      'Without it every request is answered 503. Compare authority, tenant and cloud with the app registration.',
    );
  }
  const read = concerned.filter(({ fetchedAt }) => fetchedAt !== undefined);
  return read.length === 0 ? skipped(name, 'not read') : ok(name, describe(read));
}

export function isDocument({ answer }: Exchange): boolean {
  return answer?.status === 200 && answer.document !== undefined;
}
