import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { ConfigurationError, ownOptions } from '@entra-guard/core';
import { normalName, rawValuesOf } from '../headers/header-names.js';
import { peerOf } from './address.js';
import { assertKnown } from './known-options.js';

/** Who may ask a decision service that more than this machine reaches. Where both are given, both have to hold. */
export interface Trust {
  /** IP addresses of the servers in front, or networks: `10.0.0.0/8`. */
  readonly addresses?: readonly string[];
  /** A header that the servers in front send, and its value, of at least 32 characters. Compared in constant time. */
  readonly secret?: { readonly header: string; readonly value: string };
}

/** Whether a request comes from a server in front. */
export type IsTrusted = (request: IncomingMessage) => boolean;

const SHORTEST = 32;

/**
 * Reads the option `trust`.
 *
 * @throws ConfigurationError for what is not such a value, and for one that trusts everything
 */
export function trusting(given: Trust | undefined): IsTrusted {
  if (given === undefined) return () => true;
  const trust = ownOptions('trust', given, ['addresses', 'secret']);
  assertKnown('trust', trust, ['addresses', 'secret']);
  const { addresses, secret } = trust;
  if (addresses === undefined && secret === undefined) {
    throw new ConfigurationError(
      'trust names neither addresses nor a secret.',
      "Name the servers in front: trust: { addresses: ['10.0.0.7'] }, or a header that only they know.",
    );
  }
  const byAddress = addresses === undefined ? () => true : addressTrust(addresses);
  const bySecret = secret === undefined ? () => true : secretTrust(secret);
  return (request) => byAddress(request) && bySecret(request);
}

function addressTrust(addresses: unknown): IsTrusted {
  if (!Array.isArray(addresses) || addresses.length === 0) throw badAddress('is not a list of addresses');
  const list = new BlockList();
  for (const entry of addresses as readonly unknown[]) {
    const [, address = '', prefix] = /^([0-9A-Fa-f.:]+)(?:\/([0-9]{1,3}))?$/.exec(String(entry)) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(prefix ?? 0) > (version === 6 ? 128 : 32) || prefix === '0') {
      throw badAddress('names what is not an IP address or a network');
    }
    const family = version === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return ({ socket }) => {
    const address = peerOf(socket) ?? '';
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  };
}

function badAddress(found: string): ConfigurationError {
  return new ConfigurationError(
    `trust.addresses ${found}.`,
    "List the addresses of the servers in front: ['10.0.0.7', '10.1.0.0/16'].",
  );
}

function secretTrust(given: NonNullable<Trust['secret']>): IsTrusted {
  const secret = ownOptions('trust.secret', given, ['header', 'value']);
  assertKnown('trust.secret', secret, ['header', 'value']);
  const { header, value } = secret;
  if (typeof header !== 'string' || !/^[A-Za-z][A-Za-z0-9-]*$/.test(header)) {
    throw new ConfigurationError(
      'trust.secret.header is not the name of a header.',
      "Name one that clients do not use: header: 'X-Entra-Service-Secret'.",
    );
  }
  // What was given is a secret, so it is not shown.
  if (typeof value !== 'string' || !/^[!-~]+$/.test(value) || value.length < SHORTEST) {
    throw new ConfigurationError(
      `trust.secret.value is not a text of at least ${SHORTEST} visible ASCII characters.`,
      'Make one: openssl rand -hex 32.',
    );
  }
  const [name, expected] = [normalName(header), digestOf(value)];
  return ({ rawHeaders }) => {
    const values = rawValuesOf(rawHeaders, name);
    return values.length === 1 && timingSafeEqual(digestOf(values[0] as string), expected);
  };
}

/** Of one length, whatever the text's is. */
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
