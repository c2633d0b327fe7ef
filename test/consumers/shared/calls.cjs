const check = require('./check.cjs');

check({
  core: require('@entra-guard/core'),
  downstream: require('@entra-guard/downstream'),
  expressGuard: require('@entra-guard/express'),
  graph: require('@entra-guard/graph'),
  operator: require('@entra-guard/redis/operator'),
  redis: require('@entra-guard/redis'),
  stand: require('@entra-guard/downstream/testing'),
  startEntra: require('@entra-guard/testing').startEntra,
  express: require('express'),
});
