// Some older services make Bluebird the global Promise, so that async functions and libraries give promises of two kinds.
globalThis.Promise = require('bluebird');
