import { beforeEach, describe, expect, it } from 'vitest';
import { NOW } from '../../../../../test/support/forger.js';
import { type Holding, LeaseShelf } from '../../../src/keys/documents/lease-shelf.js';
import { RemoteDocument } from '../../../src/keys/documents/remote-document.js';
import type { Lease } from '../../../src/keys/documents/shared-documents.js';

const limits = {
  softAgeMs: 3_600_000,
  hardAgeMs: 86_400_000,
  coolDownMs: 30_000,
  timeoutMs: 5000,
  maxBytes: 1024,
};
let released: string[];
let shelf: LeaseShelf<string>;
/** Whose names others have taken meanwhile. */
let taken: Set<string>;

beforeEach(() => {
  released = [];
  taken = new Set();
  shelf = new LeaseShelf(3);
});

function lease(url: string): Lease<string> {
  const kind = {
    document: 'keys',
    purpose: 'keys',
    parse: () => url,
    format: () => ({}),
    keysOf: () => [],
  } as const;
  const document = new RemoteDocument<string>({
    url,
    fetch: async () => Response.json({}),
    now: () => NOW,
    limits,
    kind,
    log: () => {},
  });
  const end = (): void => {
    released.push(url);
  };
  return { document, release: end, renew: () => !taken.has(url), close: end };
}
const take = (...names: string[]): void => {
  for (const name of names) shelf.take(name, () => lease(name));
};
const kept = (): string[] => shelf.documents.map((document) => document.state().url);

describe('a shelf of leases', () => {
  it('keeps those that were used last', () => {
    take('a', 'b', 'c', 'a', 'd');
    expect(released).toEqual(['b']);
    expect(kept()).toEqual(['c', 'a', 'd']);
  });

  it('keeps what a good token has needed, however much junk comes', () => {
    take('a', 'b');
    shelf.prove('a');
    take('c', 'd', 'e', 'f');
    expect(released).toEqual(['b', 'c', 'd']);
    expect(kept()).toContain('a');
  });

  it('counts what was relied on without being taken as used, once', () => {
    const proven = (name: string): Holding => {
      take(name);
      shelf.prove(name);
      return shelf.holding(shelf.documents.at(-1) as RemoteDocument<string>);
    };
    const [a, b, c] = [proven('a'), proven('b'), proven('c')];
    a.used = true;
    proven('d');
    expect([released, a.held, b.held]).toEqual([['b'], true, false]);
    proven('e');
    proven('f');
    expect([released, a.held, c.held]).toEqual([['b', 'c', 'a'], false, false]);
    for (const document of shelf.documents) shelf.holding(document).used = true;
    proven('g');
    expect(released).toEqual(['b', 'c', 'a', 'd']);
  });

  it('of those that good tokens have needed, keeps the ones used last', () => {
    take('a', 'b', 'c');
    for (const name of ['a', 'b', 'c']) shelf.prove(name);
    take('a', 'd');
    expect(released).toEqual(['b']);
  });

  it('knows again what had to leave, and its share is as used up as it was', () => {
    take('a');
    shelf.prove('a');
    const [before] = shelf.documents;
    if (before?.reserve) before.reserve.usedAt = NOW;
    shelf.prove('a');
    take('b', 'c');
    for (const name of ['b', 'c']) shelf.prove(name);
    take('d', 'e', 'e');
    expect(released).toEqual(['a', 'd']);
    take('a');
    const after = shelf.documents.find((document) => document.state().url === 'a');
    expect(after).not.toBe(before);
    expect(after?.reserve).toEqual({ usedAt: NOW });
    take('f');
    expect(kept()).toContain('a');
  });

  it('something that has left already can prove good, too', () => {
    shelf.prove('a');
    take('a', 'b', 'c', 'd');
    expect(kept()).toContain('a');
    shelf.prove('a');
    expect(kept()).toHaveLength(3);
  });

  it('what has left while a token waited for it comes back with that token', () => {
    take('a');
    const [document] = shelf.documents as [RemoteDocument<string>];
    take('b', 'c', 'd');
    expect([released, shelf.holding(document).held]).toEqual([['a'], false]);
    shelf.proveDocument(document);
    expect(shelf.documents).toContain(document);
    expect([shelf.holding(document).held, document.reserve]).toEqual([true, { usedAt: undefined }]);
    shelf.proveDocument(document);
    expect(kept()).toEqual(['b', 'c', 'd', 'a']);
  });

  it.each<[string, () => void]>([
    ['another document has its name elsewhere', () => taken.add('a')],
    ['another document has its name here', () => take('a')],
    ['the shelf is closed', () => shelf.close()],
  ])('it stays away where %s', (_, happens) => {
    take('a');
    const [document] = shelf.documents as [RemoteDocument<string>];
    take('b', 'c', 'd');
    happens();
    shelf.proveDocument(document);
    expect(shelf.holding(document).held).toBe(false);
    expect(shelf.documents).not.toContain(document);
  });

  it('junk has less room than what is known, and does not take its place', () => {
    shelf = new LeaseShelf(5, 2);
    const known = ['a', 'b', 'c', 'd'];
    for (const name of known) {
      take(name);
      shelf.prove(name);
    }
    take('x', 'y', 'z');
    expect(released).toEqual(['x', 'y']);
    expect(kept()).toEqual(['z', ...known]);
    shelf = new LeaseShelf(5, 2);
    take('v', 'w', 'x', 'y');
    expect(kept()).toEqual(['x', 'y']);
  });

  it('keeps nothing any more once it is closed, and what is taken then is given back at once', () => {
    shelf.close();
    take('a');
    expect(released).toEqual(['a']);
    expect(kept()).toEqual([]);
  });

  it('gives all of them back when it is closed', () => {
    take('a', 'b');
    shelf.prove('a');
    shelf.close();
    expect(released.sort()).toEqual(['a', 'b']);
    expect(kept()).toEqual([]);
  });
});
