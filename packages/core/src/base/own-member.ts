/** Returns an own member of an object. What other code put on `Object.prototype` is not an option or a header (CWE-1321). */
export function ownMember<T extends object, Name extends keyof T>(
  object: T,
  name: Name,
): T[Name] | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Copies an object's own members into an object without a prototype, which is safe to destructure. */
export function ownMembers<T extends object>(object: T): T {
  return Object.assign(Object.create(null), object);
}

/** Returns a member of the object or of its class, but not one of `Object.prototype`. */
export function classMember<T extends object, Name extends keyof T>(
  object: T,
  name: Name,
): T[Name] | undefined {
  return name in Object.prototype ? ownMember(object, name) : object[name];
}
