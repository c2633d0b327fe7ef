// Reads a packed package: not every machine has a `tar`.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * Reads the tarball of a package. `files` maps each path, as in `package/README.md`, to its content. `packed` is the size in
 * bytes that is downloaded, `unpacked` that of all files together. An entry that is neither a file nor a folder is an error:
 * npm drops links.
 */
export function readTarball(path) {
  const tarball = readFileSync(path);
  const archive = gunzipSync(tarball);
  const text = (start, length) => archive.toString('utf8', start, start + length).replace(/\0.*$/s, '');
  const files = new Map();
  let unpacked = 0;
  for (let at = 0; at < archive.length && archive[at] !== 0; ) {
    const prefix = text(at + 345, 155);
    const name = prefix === '' ? text(at, 100) : `${prefix}/${text(at, 100)}`;
    const size = Number.parseInt(text(at + 124, 12), 8);
    const type = text(at + 156, 1);
    if (type === '0' || type === '') {
      files.set(name, archive.subarray(at + 512, at + 512 + size));
      unpacked += size;
    } else if (type !== '5') {
      throw new Error(`${path} holds ${name}, an entry of type ${JSON.stringify(type)}. Pack files only.`);
    }
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return { packed: tarball.length, unpacked, files };
}
