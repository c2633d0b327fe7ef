import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
/** GeneralizedTime, in whole seconds. */
const time = (at: number): Buffer =>
  tlv(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

/** sha256WithRSAEncryption (RFC 8017). */
const ALGORITHM = sequence(oid('2a864886f70d01010b'), tlv(0x05));
/** A common name (X.520). */
const NAME = sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from('entra-guard test client')))));

/** Makes an RSA certificate that is valid from yesterday (X.509, RFC 5280 section 4.1), with its key. */
export function selfSigned({ days }: { readonly days: number }): {
  readonly cert: string;
  readonly key: string;
} {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = createPublicKey(privateKey);
  const now = Date.now();
  const content = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ALGORITHM,
    NAME,
    sequence(time(now - 86_400_000), time(now + days * 86_400_000)),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  return {
    cert: new X509Certificate(sequence(content, ALGORITHM, signature)).toString(),
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}
