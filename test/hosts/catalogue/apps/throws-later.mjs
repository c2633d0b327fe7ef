setImmediate(() => {
  throw new RangeError('no database in sight');
});
await new Promise((resolve) => setTimeout(resolve, 20_000).unref());
