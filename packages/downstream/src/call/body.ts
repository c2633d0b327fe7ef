import { DownstreamError } from '@entra-guard/core/downstream';

/** Tells whether a body can be sent a second time: a stream can be read once. */
function canSendAgain(body: RequestInit['body']): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true;
  return (
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData
  );
}

/**
 * Refuses a stream before it is sent, where the call might have to be sent again.
 *
 * @param again why it might
 * @throws DownstreamError `downstream_misconfigured`
 */
export function assertSendable(api: string, body: RequestInit['body'], again: string | undefined): void {
  if (again === undefined || canSendAgain(body)) return;
  throw new DownstreamError({
    code: 'downstream_misconfigured',
    message: `The body of a call of '${api}' is a stream, which can't be sent again. ${again}`,
    hint: `Pass the whole body: text, bytes or a Blob. Or set cae: false and no retry in apis.${api}.`,
    api,
  });
}
