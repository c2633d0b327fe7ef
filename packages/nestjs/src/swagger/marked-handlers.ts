import 'reflect-metadata';
import { ApiExtension } from '@nestjs/swagger';
import type { Handler } from '../handlers/handler-inventory.js';
import type { Operation } from './guarded-document.js';

const MARK = 'x-entra-guard-handler';
/** The metadata key of swagger's `@ApiSecurity`: what stands on a class applies to each of its operations. */
const SECURITY = 'swagger/apiSecurity';
/** A security requirement that says which controller it came from. */
const OF_CONTROLLER = 'x-entra-guard-controller';

/** Marks stay on the functions: a document may be made again. */
const marks = new WeakMap<Function, string>();
let counted = 0;

/**
 * Finds the handler that an operation of a document is made of: by a mark on the handler's function and one on the controller's
 * class. Operation IDs tell neither: an application gives them as it likes, and controllers may share their names and functions.
 */
export class MarkedHandlers {
  readonly #byMark = new Map<string, Handler[]>();
  readonly #controllers: readonly Function[];

  constructor(handlers: readonly Handler[]) {
    this.#controllers = [...new Set(handlers.map(({ controller }) => controller))];
    for (const handler of handlers) {
      for (const callback of new Set(handler.callbacks)) {
        const mark = markOf(callback);
        this.#byMark.set(mark, [...(this.#byMark.get(mark) ?? []), handler]);
      }
    }
  }

  /** Makes a document while the controllers carry their marks, which are off again afterwards. */
  during<D>(make: () => D): D {
    const undo = this.#controllers.map((controller, index) => {
      const had = Reflect.hasOwnMetadata(SECURITY, controller);
      const own: unknown = Reflect.getOwnMetadata(SECURITY, controller);
      const all: unknown = Reflect.getMetadata(SECURITY, controller);
      const mark = { [OF_CONTROLLER]: [String(index)] };
      Reflect.defineMetadata(SECURITY, [...(Array.isArray(all) ? all : []), mark], controller);
      return () => {
        if (had) Reflect.defineMetadata(SECURITY, own, controller);
        else Reflect.deleteMetadata(SECURITY, controller);
      };
    });
    try {
      return make();
    } finally {
      for (const one of undo) one();
    }
  }

  /** The handler of an operation, whose marks are taken off; `undefined` for what was not made of any. */
  take(operation: Operation): Handler | undefined {
    const record = operation as Operation & { [MARK]?: string };
    const handlers = this.#byMark.get(record[MARK] ?? '') ?? [];
    delete record[MARK];
    const controller = this.#takeController(operation);
    return handlers.find((handler) => handler.controller === controller);
  }

  #takeController(operation: Operation): Function | undefined {
    const { security = [] } = operation;
    const mark = security.find((one) => Object.hasOwn(one, OF_CONTROLLER)) as
      | { readonly [OF_CONTROLLER]: readonly string[] }
      | undefined;
    if (mark === undefined) return undefined;
    const others = security.filter((one) => one !== mark);
    if (others.length > 0) operation.security = others;
    else delete operation.security;
    return this.#controllers[Number(mark[OF_CONTROLLER][0])];
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
