const { join } = require('node:path');

module.exports = {
  mode: 'production',
  target: 'node20',
  entry: './app.mjs',
  output: { path: join(__dirname, 'out'), filename: 'webpack.cjs' },
  // Express looks its template engines up when it runs.
  ignoreWarnings: [/the request of a dependency is an expression/],
  // A local Entra does not start in production, and this one is bundled with it.
  optimization: { nodeEnv: false },
  stats: 'errors-warnings',
};
