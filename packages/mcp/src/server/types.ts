import type { LowLevelServer } from './lists.js';

/** The part of `McpServer` that is used, of both lines of the SDK. */
export interface McpServerLike {
  registerTool(...tool: never[]): unknown;
  registerPrompt(...prompt: never[]): unknown;
  registerResource(...resource: never[]): unknown;
  readonly server: LowLevelServer;
}

/** A schema of any library that knows Standard Schema, such as zod 3.24 and later, or of an older zod. */
export type SchemaLike =
  | { readonly '~standard': { readonly types?: { readonly output: unknown } | undefined } }
  | { readonly _output: unknown };

/** What describes the arguments of a tool or prompt: a schema of an object, or a schema for each argument. */
export type InputLike = SchemaLike | { readonly [argument: string]: SchemaLike };

type OutputOf<Schema> = Schema extends {
  readonly '~standard': { readonly types?: infer Types | undefined };
}
  ? Types extends { readonly output: infer Output }
    ? Output
    : unknown
  : Schema extends { readonly _output: infer Output }
    ? Output
    : unknown;

/** The arguments of a shape that may be left out. */
type OptionalIn<Shape> = {
  [Name in keyof Shape]: undefined extends OutputOf<Shape[Name]> ? Name : never;
}[keyof Shape];

type OutputOfShape<Shape> = {
  [Name in Exclude<keyof Shape, OptionalIn<Shape>>]: OutputOf<Shape[Name]>;
} & { [Name in OptionalIn<Shape>]?: OutputOf<Shape[Name]> };

/** What a handler gets of a schema, or of a shape of schemas. */
export type InputOf<Input> = Input extends SchemaLike ? OutputOf<Input> : OutputOfShape<Input>;

/** The last parameter of a callback. */
type LastOf<Callback> = Callback extends (...parts: infer Parts) => unknown
  ? Parts extends [...unknown[], infer Last]
    ? Last
    : never
  : never;

/** What `registerTool` and the others of a server take as their last part. */
type CallbackOf<Method> = Method extends (...parts: infer Parts) => unknown
  ? Parts extends [...unknown[], infer Callback]
    ? Callback
    : never
  : never;

type ReturnOf<Callback> = Callback extends (...parts: never[]) => infer Returned ? Returned : never;

/** The context that handlers of a server get: `RequestHandlerExtra` in the SDK's first line, `ServerContext` in the second. */
export type ContextOf<Server extends McpServerLike> = LastOf<CallbackOf<Server['registerResource']>>;

/** What handlers of prompts and resources return. */
export type ResultOf<Method> = ReturnOf<CallbackOf<Method>>;

/** What tools of a server return. TypeScript can't read it off `registerTool` of the first line: what that returns has the handler. */
export type ToolResultOf<Server extends McpServerLike> =
  RegisteredBy<Server['registerTool']> extends { readonly handler: infer Handler }
    ? ReturnOf<Handler>
    : unknown;

/** What a server returns for what was registered. */
export type RegisteredBy<Method> = Method extends (...parts: never[]) => infer Registered
  ? Registered
  : never;

/** A handler: with its arguments, where there is a schema for them. */
export type HandlerOf<Input, Context, Result> = [Input] extends [InputLike]
  ? (input: InputOf<Input>, context: Context) => Result
  : (context: Context) => Result;
