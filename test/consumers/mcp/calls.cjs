const check = require('./check.cjs');

check({
  core: require('@entra-guard/core'),
  expressGuard: require('@entra-guard/express'),
  mcp: require('@entra-guard/mcp'),
  startEntra: require('@entra-guard/testing').startEntra,
  first: {
    ...require('@modelcontextprotocol/sdk/server/mcp.js'),
    ...require('@modelcontextprotocol/sdk/server/streamableHttp.js'),
  },
  second: { ...require('@modelcontextprotocol/server'), ...require('@modelcontextprotocol/node') },
  hosts: { 'Express 4': require('express4'), 'Express 5': require('express') },
  z: require('zod').z,
});
