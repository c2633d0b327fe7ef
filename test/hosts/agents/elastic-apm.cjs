// Elastic's agent, instrumenting as in production, with a transport that drops what it would send.
require('elastic-apm-node').start({
  serviceName: 'orders',
  disableSend: true,
  centralConfig: false,
  cloudProvider: 'none',
  metricsInterval: '0s',
  logLevel: 'off',
});
require('./hosts.cjs');
