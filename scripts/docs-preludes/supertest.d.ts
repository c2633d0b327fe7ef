// As much of supertest as documentation shows; the package itself is not needed here.
type Methods = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface Exchange extends Promise<{ readonly status: number; readonly body: unknown }> {
  set(headers: Readonly<Record<string, string>>): Exchange;
  set(name: string, value: string): Exchange;
  send(body: unknown): Exchange;
  expect(status: number, body?: unknown): Exchange;
  expect(header: string, value: string | RegExp): Exchange;
}

export type Requests = (app: unknown) => Record<Methods, (path: string) => Exchange>;
declare const request: Requests;
export default request;
