const hosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a URL is an http or https address of this machine. */
export function isLoopbackUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && hosts.has(hostname);
}
