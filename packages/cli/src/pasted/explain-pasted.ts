import { type AadstsAdvice, aadstsAdvice } from './aadsts.js';
import { authorizeFindings } from './authorize-findings.js';
import { OWN_CODES } from './own-codes.js';
import type { Pasted } from './recognise.js';

/** What is told of one code, or one mistake. */
export interface Advice {
  /** `AADSTS50011`, `audience_not_accepted`; absent for what has no code. */
  readonly code?: string;
  readonly means?: string;
  /** Who has to change something. */
  readonly whose?: string;
  readonly change: string;
  /** Where to read on. */
  readonly more?: string;
}

/** A text, explained. */
export interface Explanation {
  readonly title: string;
  readonly advice: readonly Advice[];
  /** What the text says itself of what to do. */
  readonly hint?: string;
  /** Whom to call, where the text says so. */
  readonly call?: string;
  /** By which an administrator finds the request in Entra's sign-in logs. */
  readonly correlationId?: string;
}

/** Where the pages of this project are. */
export const TROUBLESHOOTING = 'docs/troubleshooting.md';

/** Explains what was recognised; `undefined` for a token, and for what is not known. */
export function explainPasted(pasted: Pasted): Explanation | undefined {
  if (pasted.kind === 'entra-error') return ofEntra(pasted);
  if (pasted.kind === 'own-code') return ofOurs(pasted);
  if (pasted.kind === 'authorize-url') return ofAuthorize(pasted.url);
  return undefined;
}

const FROM = {
  text: 'An error of Microsoft Entra.',
  'token endpoint': "A token endpoint's refusal. The client got no token; no API was asked.",
  redirect:
    'Microsoft Entra has sent the browser back with an error. The client got no token; no API was asked.',
} as const;

function ofEntra({
  codes,
  error,
  correlationId,
  from,
}: Extract<Pasted, { kind: 'entra-error' }>): Explanation {
  const advice = codes.map((code) => {
    const known = aadstsAdvice(code);
    return known === undefined ? unknownCode(code) : knownCode(known);
  });
  return {
    title: FROM[from],
    advice: advice.length > 0 ? advice : [withoutCode(error)],
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}

function knownCode({ code, means, whose, change }: AadstsAdvice): Advice {
  return { code: `AADSTS${code}`, means, whose, change, more: `${TROUBLESHOOTING}#aadsts${code}` };
}

function unknownCode(code: string): Advice {
  return {
    code: `AADSTS${code}`,
    means: 'It is not among the codes that are explained here.',
    change: `Microsoft says what it means: https://login.microsoftonline.com/error?code=${code}`,
  };
}

function withoutCode(error: string | undefined): Advice {
  return {
    ...(error === undefined ? {} : { code: error }),
    means: 'It names no AADSTS code.',
    change: 'Look for the code in the full answer: error_description, or error_codes.',
  };
}

const OURS = {
  answer: 'An answer of a guarded API.',
  challenge: 'The challenge of a guarded API. Its log has the exact code.',
  log: 'A log line of a guarded API.',
  event: 'A decision of a guarded API.',
  code: 'A code of a guarded API.',
} as const;

function ofOurs({ codes, owner, hint, from }: Extract<Pasted, { kind: 'own-code' }>): Explanation {
  return {
    title: OURS[from],
    advice: codes.map((code) => ({ code, ...OWN_CODES[code], more: `${TROUBLESHOOTING}#${code}` })),
    ...(hint === undefined ? {} : { hint }),
    ...(owner === undefined ? {} : { call: owner }),
  };
}

function ofAuthorize(url: URL): Explanation {
  const findings = authorizeFindings(url);
  return {
    title: 'A request to sign in.',
    advice:
      findings.length === 0
        ? [
            {
              means: 'Nothing is wrong that can be told without the registration.',
              change: 'If Entra refuses it, paste the error.',
            },
          ]
        : findings.map(({ found, change }) => ({ means: found, whose: "the client's code", change })),
  };
}
