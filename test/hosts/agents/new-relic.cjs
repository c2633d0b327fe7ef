// New Relic's agent, instrumenting as in production. In this mode it sends nothing until a function ends.
process.env.NEW_RELIC_APP_NAME = 'orders';
process.env.NEW_RELIC_SERVERLESS_MODE_ENABLED = 'true';
process.env.NEW_RELIC_LOG_ENABLED = 'false';
process.env.NEW_RELIC_NO_CONFIG_FILE = 'true';
require('newrelic13');
require('./hosts.cjs');
