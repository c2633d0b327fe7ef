// The first AsyncLocalStorage.run() of a process switches on hooks that write to every promise from then on, also to those
// that exist. Here it comes when a server has answered some requests.
const { AsyncLocalStorage } = require('node:async_hooks');
const { Server } = require('node:http');

const AFTER = 20;
const storage = new AsyncLocalStorage();
const { emit } = Server.prototype;
let requests = 0;

globalThis.lateStorage = storage;
Server.prototype.emit = function (event, ...parameters) {
  if (event !== 'request' || ++requests <= AFTER) return emit.call(this, event, ...parameters);
  return storage.run({ request: requests }, () => emit.call(this, event, ...parameters));
};
