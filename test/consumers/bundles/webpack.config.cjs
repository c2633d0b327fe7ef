const { join } = require('node:path');

module.exports = {
  mode: 'production',
  target: 'node20',
  entry: { webpack: './app.mjs', 'webpack-mixed': './mixed.mjs' },
  output: { path: join(__dirname, 'out'), filename: '[name].cjs' },
  // Express looks its template engines up when it runs.
  ignoreWarnings: [/the request of a dependency is an expression/],
  // A local Entra does not start in production, and this one is bundled with it.
  optimization: { nodeEnv: false },
  stats: 'errors-warnings',
};
