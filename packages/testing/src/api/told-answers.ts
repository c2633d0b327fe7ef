import { invalidOption } from '../directory/invalid-option.js';
import { json } from '../endpoints/answers.js';
import type { ApiAnswer, ApiCall } from './local-api.js';

interface Told {
  readonly method: string | undefined;
  readonly path: string;
  readonly answer: ApiAnswer;
}

const PATH = /^(?:([A-Z]+) )?(\/\S*)$/;

/** What a test has told a local API to answer. */
export class ToldAnswers {
  #told: readonly Told[] = [];

  /**
   * @param call the name of the method, for the error
   * @returns a function that takes it back
   * @throws {LocalEntraError} `option_invalid`
   */
  add(call: string, path: string, answer: ApiAnswer): () => void {
    const [, method, below] = PATH.exec(String(path)) ?? [];
    if (below === undefined) {
      throw invalidOption(
        `${call}('${path}', …) has no path below the base URL. Write one with a leading slash: '/items', 'POST /items' or '/items/*'.`,
      );
    }
    if (answer === undefined) {
      throw invalidOption(
        `${call}('${path}', …) has no answer. Pass JSON, a Response, or a function that returns either.`,
      );
    }
    const told = { method, path: below, answer };
    this.#told = [told, ...this.#told];
    return () => {
      this.#told = this.#told.filter((other) => other !== told);
    };
  }

  async answer(call: ApiCall): Promise<Response> {
    const found = this.#told.find((one) => isFor(one, call));
    if (found === undefined) {
      const { method, path } = call;
      const text = `The test has told no answer to ${method} ${path}. Tell one: answer('${path}', …).`;
      return json({ error: 'not_told', error_description: text }, 404);
    }
    const { answer } = found;
    const given: unknown = typeof answer === 'function' ? await answer(call) : answer;
    if (given instanceof Response) return given.clone();
    return given === undefined ? new Response(null, { status: 204 }) : json(given);
  }
}

function isFor({ method, path }: Told, call: ApiCall): boolean {
  if (method !== undefined && method !== call.method) return false;
  return path.endsWith('*') ? call.path.startsWith(path.slice(0, -1)) : call.path === path;
}
