/**
 * A member that the object has itself. What stands on `Object.prototype` is an option of no call and a header of
 * no request (CWE-1321).
 */
export function ownMember<T extends object, Name extends keyof T>(
  object: T,
  name: Name,
): T[Name] | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** What the object has itself, without a prototype: safe to be taken apart by name. */
export function ownMembers<T extends object>(object: T): T {
  return Object.assign(Object.create(null), object);
}

/** A member of the object or of its class: anything but what stands on `Object.prototype`. */
export function classMember<T extends object, Name extends keyof T>(
  object: T,
  name: Name,
): T[Name] | undefined {
  return name in Object.prototype ? ownMember(object, name) : object[name];
}
