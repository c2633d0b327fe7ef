import { BadInputError } from '../bad-input.js';
import type { Host } from '../host.js';

/** Where a token may be left for the command to find. */
export const TOKEN_VARIABLE = 'ENTRA_GUARD_TOKEN';

/**
 * What was given: the argument if there is one, else what is in the environment, else standard input, which `-` asks for.
 *
 * @param example how to pipe something in, for the error
 * @throws BadInputError where there is nothing
 */
export async function readPasted(
  argument: string | undefined,
  host: Host,
  example = 'entra-guard explain - < token.txt',
): Promise<string> {
  const given = argument === '-' ? undefined : argument;
  const left = argument === '-' ? undefined : host.env[TOKEN_VARIABLE];
  const text = given ?? left ?? (await host.readInput());
  if (text.trim() === '') {
    throw new BadInputError('There is no token.', `Pipe it in: ${example}. Or set ${TOKEN_VARIABLE}.`);
  }
  return text;
}

/**
 * The token in a text. It may be written as tools print it: with "Bearer", in quotes, or in the JSON that a token endpoint or `az account
 * get-access-token` answers with.
 *
 * @throws BadInputError where there is none; it never holds what was found
 */
export function tokenIn(given: string, example = 'entra-guard explain - < token.txt'): string {
  const text = cleaned(given);
  if (text === '') {
    throw new BadInputError('There is no token.', `Pipe it in: ${example}. Or set ${TOKEN_VARIABLE}.`);
  }
  if (/\s/.test(text)) {
    throw new BadInputError(
      'What was given is more than one word, and a token has no blanks.',
      'Give the access token alone, or the JSON that the token endpoint answered with; or an error with its AADSTS code.',
    );
  }
  return text;
}

/** Reads a token: {@link readPasted} and {@link tokenIn}. @throws BadInputError where there is none */
export async function readToken(argument: string | undefined, host: Host, example?: string): Promise<string> {
  return tokenIn(await readPasted(argument, host, example), example);
}

function cleaned(text: string): string {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const inside = fromJson(trimmed) ?? trimmed;
  return inside
    .replace(/^authorization:\s*/i, '')
    .replace(/^bearer(\s+|$)/i, '')
    .replace(/^(["'])(.*)\1$/s, '$2')
    .trim();
}

function fromJson(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  let answer: Readonly<Record<string, unknown>>;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  const token = answer.access_token ?? answer.accessToken;
  if (typeof token === 'string') return token;
  throw new BadInputError(
    'The JSON holds no access token.',
    'It has to be in access_token, as token endpoints answer, or in accessToken, as az prints it.',
  );
}
