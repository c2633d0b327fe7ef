/**
 * A response whose body breaks off when its caller is refused: the client sees a connection that was lost, and not a stream that is
 * complete. The handler's own stream is cancelled.
 *
 * @param watch is given what ends the body, and returns what releases it
 */
export function endedWith(response: Response, watch: (end: () => void) => () => void): Response {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  let release = (): void => {};
  let isOver = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      release = watch(() => {
        isOver = true;
        const reason = new Error('The caller is no longer allowed to read this stream.');
        controller.error(reason);
        reader.cancel(reason).catch(() => {});
      });
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (isOver) return;
        if (!done) {
          controller.enqueue(value);
          return;
        }
        release();
        controller.close();
      } catch (error) {
        release();
        throw error;
      }
    },
    cancel(reason) {
      release();
      return reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
