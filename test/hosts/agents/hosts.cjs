// Agents instrument what is loaded with require() behind them, as in a CommonJS service. Tests import, which comes too late.
for (const folder of ['../..', '../nest/12']) {
  for (const host of ['express4', 'express5', 'passport', 'fastify']) {
    try {
      require(require.resolve(host, { paths: [`${__dirname}/${folder}`] }));
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
}
