import { mcpHostWarning, mcpResourceProblem } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';

describe('the URL of an MCP server is accepted as its resource', () => {
  it.each([
    'https://mcp.contoso.com/mcp',
    'https://mcp.contoso.com:8443/mcp',
    'https://contoso.com/orders/mcp',
    'http://localhost:3000/mcp',
    'http://127.0.0.1:3000/mcp',
    'http://[::1]:3000/mcp',
  ])('%s', (url) => {
    expect(mcpResourceProblem(url)).toBeUndefined();
  });
});

describe('the URL of an MCP server is refused as its resource, with the code that Entra would answer', () => {
  it.each<[string, unknown, string, string, string]>([
    ['missing', undefined, 'AADSTS500011', 'undefined', 'The value is not a URL'],
    ['not text', 8, 'AADSTS500011', '8', 'The value is not a URL'],
    ['not a URL', 'mcp.contoso.com/mcp', 'AADSTS500011', 'mcp.contoso.com/mcp', 'The value is not a URL'],
    [
      'an application ID URI with api',
      'api://00001111-aaaa-2222-bbbb-3333cccc4444',
      'AADSTS9010010',
      'api://00001111-aaaa-2222-bbbb-3333cccc4444',
      'Clients of MCP send the URL',
    ],
    ['http', 'http://mcp.contoso.com/mcp', 'AADSTS500011', 'http://mcp.contoso.com/mcp', 'https'],
    ['another scheme', 'ftp://mcp.contoso.com/mcp', 'AADSTS500011', 'ftp://mcp.contoso.com/mcp', 'https'],
    ['without a path', 'https://mcp.contoso.com', 'AADSTS9010010', 'https://mcp.contoso.com', 'no path'],
    [
      'with a slash alone',
      'https://mcp.contoso.com/',
      'AADSTS9010010',
      'https://mcp.contoso.com/',
      'no path',
    ],
    [
      'with a slash at the end',
      'https://h.contoso.com/mcp/',
      'AADSTS9010010',
      'https://h.contoso.com/mcp/',
      'slash',
    ],
    [
      'with a query',
      'https://h.contoso.com/mcp?v=2',
      'AADSTS9010010',
      'https://h.contoso.com/mcp?v=2',
      'query',
    ],
    [
      'with an empty query',
      'https://h.contoso.com/mcp?',
      'AADSTS9010010',
      'https://h.contoso.com/mcp?',
      'query',
    ],
    [
      'with a fragment',
      'https://h.contoso.com/mcp#a',
      'AADSTS9010010',
      'https://h.contoso.com/mcp#a',
      'fragment',
    ],
    ['with a wildcard', 'https://*.contoso.com/mcp', 'AADSTS500011', 'https://*.contoso.com/mcp', 'wildcard'],
    [
      'with capitals in its host',
      'https://MCP.contoso.com/mcp',
      'AADSTS9010010',
      'https://MCP.contoso.com/mcp',
      'https://mcp.contoso.com/mcp',
    ],
    [
      'with the default port',
      'https://h.contoso.com:443/mcp',
      'AADSTS9010010',
      'https://h.contoso.com:443/mcp',
      'https://h.contoso.com/mcp',
    ],
    [
      'with dots in its path',
      'https://h.contoso.com/a/../mcp',
      'AADSTS9010010',
      'https://h.contoso.com/a/../mcp',
      'https://h.contoso.com/mcp',
    ],
    [
      'longer than an identifier URI',
      `https://h.contoso.com/${'a'.repeat(240)}`,
      'AADSTS500011',
      'https://h',
      '255',
    ],
  ])('%s', (_, url, code, found, hint) => {
    const problem = mcpResourceProblem(url);
    expect([problem?.code, problem?.found]).toEqual([code, expect.stringContaining(found)]);
    expect(problem?.expected).toMatch(/https:/);
    expect(problem?.hint).toContain(hint);
  });

  it('with a password, which is not repeated', () => {
    const problem = mcpResourceProblem('https://ada:secret@mcp.contoso.com/mcp');
    expect(problem?.code).toBe('AADSTS9010010');
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(JSON.stringify(mcpResourceProblem('http://ada:secret@mcp.contoso.com'))).not.toContain('secret');
  });

  it('with characters that steer a terminal, which are escaped', () => {
    expect(mcpResourceProblem('api://\u001b[2J')?.found).not.toContain('\u001b');
  });
});

describe('a host whose domain no tenant can verify', () => {
  it.each([
    'https://orders.azurewebsites.net/mcp',
    'https://orders.azurecontainerapps.io/mcp',
    'https://contoso.azure-api.net/mcp',
    'https://abc-3000.euw.devtunnels.ms/mcp',
    'https://contoso.ngrok-free.app/mcp',
    'https://10.0.0.4/mcp',
    'https://[fd00::1]/mcp',
  ])('%s is warned of', (url) => {
    expect(mcpHostWarning(url)).toContain(new URL(url).hostname);
  });

  it.each([
    'https://mcp.contoso.com/mcp',
    'http://localhost:3000/mcp',
    'http://127.0.0.1/mcp',
    'not a URL',
    undefined,
  ])('%s is not', (url) => {
    expect(mcpHostWarning(url)).toBeUndefined();
  });
});
