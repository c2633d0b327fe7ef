// What an older part of an application, or a dependency of it, has.
exports.core = require('@entra-guard/core');
exports.express = require('@entra-guard/express');
