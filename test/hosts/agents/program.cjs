/**
 * An API with one of what people put around Express: `node program.cjs <agent> <majors>`. Prints what the guard makes of its
 * own routes, and how they answer, as JSON by majors. In CommonJS and in a process of its own: agents patch whatever is
 * loaded after them.
 */
const { once } = require('node:events');

const [, , agent, ...majors] = process.argv;

const agents = {
  'no agent': () => {},
  'New Relic 12': () => require('newrelic12'),
  'New Relic 13': () => require('newrelic13'),
  'Elastic 4': () =>
    require('elastic-apm-node').start({
      active: true,
      disableSend: true,
      centralConfig: false,
      cloudProvider: 'none',
      metricsInterval: '0s',
      logLevel: 'off',
    }),
  OpenTelemetry: () => {
    const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
    return new ExpressInstrumentation();
  },
  'express-async-errors': () => {
    require('express');
    require('express-async-errors');
  },
};

for (const one of agent.split(' and ')) agents[one]();

const { anonymous, authOf, entraGuard, handlersIn, scopes, userRoles } = require('@entra-guard/express');
const { createGuardedDocument } = require('@entra-guard/express/openapi');
const { startEntra } = require('@entra-guard/testing');

/** One of everything that can be guarded, and two routes without a guard. */
function ordersApp(express, guard, open) {
  const answer = (req, res) => res.json(authOf(req)?.kind ?? 'nobody');
  const app = express();
  app.use('/mounted', guard.require(scopes('Orders.Read')));
  app.get('/mounted/orders', answer);
  app.get('/orders', guard.require(scopes('Orders.Read')), answer);
  app.post('/orders', [guard.require(scopes('Orders.Write')), answer]);
  app.get('/public', guard.require(anonymous()), answer);
  app.get('/optional', guard.authenticate({ optional: true }), answer);
  const admin = express.Router();
  admin.use(guard.require(userRoles('Orders.Admin')));
  admin.get('/users', answer);
  app.use('/admin', admin);
  const inner = express.Router().get('/orders', answer);
  app.use('/nested', guard.require(scopes('Orders.Read')), express.Router().use('/deep', inner));
  const mounted = express().get('/orders', guard.require(scopes('Orders.Read')), answer);
  app.use('/app', mounted);
  guard.assertAllGuarded(mounted);
  if (open) app.get('/open', answer).get('/late', answer, guard.require(scopes('Orders.Read')));
  app.use((_error, _req, res, _next) => res.status(500).json('failed'));
  return app;
}

function undecided(guard, app) {
  try {
    guard.assertAllGuarded(app);
    return [];
  } catch (error) {
    return error.message.split('\n').filter((line) => line.startsWith('  '));
  }
}

async function judge(express) {
  const entra = await startEntra({
    apps: {
      orders: { scopes: ['Orders.Read', 'Orders.Write'], appRoles: { 'Orders.Admin': ['User'] } },
      portal: {},
    },
  });
  const guard = entraGuard({ ...entra.options('orders'), log: false });
  const app = ordersApp(express, guard, true);
  const { paths } = await createGuardedDocument(
    app,
    guard,
    { openapi: '3.1.0', info: { title: 'Orders', version: '1' } },
    { log: false },
  );
  const server = ordersApp(express, guard, true).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const { headers } = entra.user('ada', { scp: 'Orders.Read' });
  const answers = {};
  for (const { path } of handlersIn(app)) {
    const statuses = [];
    for (const more of [{}, headers]) statuses.push((await fetch(origin + path, { headers: more })).status);
    answers[path] = statuses;
  }
  server.close();
  return {
    guarded: undecided(guard, ordersApp(express, guard, false)),
    open: undecided(guard, app),
    handlers: handlersIn(app).map(({ method, path, access }) => [
      `${method} ${path}`,
      access.kind === 'requirement' ? String(access.requirement) : access.kind,
    ]),
    secured: Object.keys(paths).filter((path) => Object.values(paths[path])[0].security !== undefined),
    answers,
    // That the agent is there: it has put something around the mounted guard.
    wrapped: stackOf(express().use(plain)).every(({ handle }) => handle !== plain),
  };
}

async function main() {
  const results = {};
  for (const major of majors) results[major] = await judge(require(major === '4' ? 'express' : 'express5'));
  process.stdout.write(`\n${JSON.stringify(results)}\n`, () => process.exit(0));
}

function plain(_req, _res, next) {
  next();
}

function stackOf(app) {
  const router = typeof app.lazyrouter === 'function' ? app._router : app.router;
  return router.stack.filter(({ name }) => name === 'plain');
}

void main();
