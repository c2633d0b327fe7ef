import { describe, expect, it } from 'vitest';
import { isLoopback, isSecure } from '../../src/base/loopback.js';
import { cloudOf, ownedBy } from '../../src/options/clouds.js';

describe('the cloud of a host (Entra: national clouds)', () => {
  it.each([
    ['login.microsoftonline.com', 'public'],
    ['login.windows.net', 'public'],
    ['contoso.b2clogin.com', 'public'],
    ['contoso.ciamlogin.com', 'public'],
    ['sts.windows.net', 'public'],
    ['login.microsoftonline.us', 'usgov'],
    ['contoso.b2clogin.us', 'usgov'],
    ['login.partner.microsoftonline.cn', 'china'],
    ['sts.chinacloudapi.cn', 'china'],
    ['contoso.ciamlogin.cn', 'china'],
    ['evil.example', undefined],
    ['login.microsoftonline.com.evil.example', undefined],
    ['evil-login.microsoftonline.com', undefined],
    ['evilb2clogin.com', undefined],
    ['b2clogin.com', undefined],
    ['contoso.b2clogin.com.evil.example', undefined],
  ])('%s: %s', (host, cloud) => {
    expect(cloudOf(host)).toBe(cloud);
  });

  it('v1 tokens of the US Government cloud name a host that the public cloud has as well', () => {
    expect(ownedBy('usgov', 'sts.windows.net')).toBe(true);
    expect(ownedBy('china', 'sts.windows.net')).toBe(false);
  });
});

describe('this machine', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.255.1.20', true],
    ['[::1]', true],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['evil.127.0.0.1', false],
    ['128.0.0.1', false],
    ['127.0.1', false],
    ['127.0.0.x', false],
    ['127.0.0.1000', false],
    ['[::2]', false],
  ])('%s: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback);
  });

  it.each([
    ['https://login.contoso.example', true],
    ['http://localhost:8080', true],
    ['http://login.contoso.example', false],
    ['ftp://localhost', false],
  ])('%s is safe to read from: %s', (url, secure) => {
    expect(isSecure(new URL(url))).toBe(secure);
  });
});
