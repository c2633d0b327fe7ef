#!/usr/bin/env node
// Here before anything is built: whoever installs a checkout finds a command to link.
import '../dist/esm/bin.js';
