/** An option that was given. What the object inherits was not: anybody may have written it to a prototype. */
export function ownOption<Options extends object, Name extends keyof Options>(
  options: Options,
  name: Name,
): Options[Name] | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}
