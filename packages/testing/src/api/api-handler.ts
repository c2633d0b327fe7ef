import type { Validator } from '@entra-guard/core';
import { json } from '../endpoints/answers.js';
import type { EntraServices } from '../endpoints/call.js';
import { callerOf, refusalOf } from './callers.js';
import type { Interruptions } from './interruptions.js';
import type { ApiCaller, ApiRequestRecord } from './local-api.js';
import type { ToldAnswers } from './told-answers.js';

/** How many requests are kept. */
const RECORDED = 10_000;

/** The parts of a local API. */
export interface ApiParts {
  readonly entra: Pick<EntraServices, 'now'>;
  /** The URL below which it answers. */
  readonly base: URL;
  readonly validator: Validator;
  readonly interruptions: Interruptions;
  readonly answers: ToldAnswers;
  readonly requests: ApiRequestRecord[];
  /** Aborted when the API or its local Entra is closed. */
  readonly closed: AbortSignal;
}

type Kept = { -readonly [Name in keyof ApiRequestRecord]: ApiRequestRecord[Name] };

/** Answers one request to a local API, and records it. */
export async function answerApi(parts: ApiParts, request: Request): Promise<Response> {
  const { requests, entra } = parts;
  const { method, url } = request;
  const record: Kept = { method, url, at: entra.now(), caller: undefined, status: undefined };
  if (requests.length >= RECORDED) requests.shift();
  requests.push(record);
  const answer = await answered(parts, request, record);
  record.status = answer.status;
  return answer;
}

async function answered(parts: ApiParts, request: Request, record: Kept): Promise<Response> {
  const { interruptions, validator, answers, base, closed } = parts;
  const failure = interruptions.nextFailure();
  if (failure !== undefined) return failure(request, closed);
  let caller: ApiCaller;
  try {
    caller = await callerOf(validator, request.headers);
  } catch (error) {
    return refusalOf(error);
  }
  record.caller = caller;
  const challenge = interruptions.nextChallenge();
  if (challenge !== undefined) return challenge;
  const { pathname, searchParams } = new URL(request.url);
  const path = below(base, pathname);
  if (path === undefined)
    return json({ error: 'not_found', error_description: `This API is at ${base}.` }, 404);
  const { method } = request;
  const headers = new Headers(request.headers);
  headers.delete('authorization');
  const body = await request.text();
  return answers.answer({ method, path, query: searchParams, headers, body, caller });
}

/** Returns the part of a path below the base URL; `undefined` for any other. */
function below({ pathname }: URL, path: string): string | undefined {
  const base = pathname.replace(/\/$/, '');
  return path.startsWith(`${base}/`) ? path.slice(base.length) : undefined;
}
