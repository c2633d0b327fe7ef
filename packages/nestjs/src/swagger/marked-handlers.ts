import { ApiExtension, type SwaggerDocumentOptions } from '@nestjs/swagger';
import type { Handler } from '../handler-inventory.js';
import type { Operation } from './guarded-document.js';

const MARK = 'x-entra-guard-handler';

/** Marks stay on the functions: a document may be made again. */
const marks = new WeakMap<Function, string>();
let counted = 0;

/**
 * Finds the handler that an operation of a document is made of: by a mark on the handler's function, and where controllers
 * share an inherited one, by the controller's name.
 */
export class MarkedHandlers {
  readonly #byMark = new Map<string, Handler[]>();
  readonly #controllerOf = new Map<string, string>();

  constructor(handlers: readonly Handler[]) {
    for (const handler of handlers) {
      for (const callback of new Set(handler.callbacks)) {
        const mark = markOf(callback);
        this.#byMark.set(mark, [...(this.#byMark.get(mark) ?? []), handler]);
      }
    }
  }

  /** The same options; which controller an operation ID is made for is noted. */
  watch(options: SwaggerDocumentOptions = {}): SwaggerDocumentOptions {
    const given = options.operationIdFactory;
    return {
      ...options,
      operationIdFactory: (controller, method, ...rest) => {
        const id = given?.(controller, method, ...rest) ?? defaultId(controller, method, ...rest);
        this.#controllerOf.set(id, controller);
        return id;
      },
    };
  }

  /** The handler of an operation, whose mark is taken off; `undefined` where several could be meant. */
  take(operation: Operation): Handler | undefined {
    const record = operation as Operation & { [MARK]?: string };
    const handlers = this.#byMark.get(record[MARK] ?? '') ?? [];
    delete record[MARK];
    const [first] = handlers;
    if (handlers.every((handler) => handler === first)) return first;
    const id = operation.operationId ?? '';
    // A handler for all methods has an operation for each, with its name behind the ID.
    const name = this.#controllerOf.get(id) ?? this.#controllerOf.get(id.replace(/_[a-z]+$/, ''));
    const named = handlers.filter(({ controller }) => controller.name === name);
    return named.length === 1 ? named[0] : undefined;
  }
}

function markOf(callback: Function): string {
  const known = marks.get(callback);
  if (known !== undefined) return known;
  const mark = String(++counted);
  marks.set(callback, mark);
  ApiExtension(MARK, mark as unknown as object)({}, '', { value: callback });
  return mark;
}

/** As swagger makes them by itself. */
function defaultId(controller: string, method: string, version?: string): string {
  const base = controller === '' ? method : `${controller}_${method}`;
  return version === undefined ? base : `${base}_${version}`;
}
