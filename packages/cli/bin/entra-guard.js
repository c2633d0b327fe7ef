#!/usr/bin/env node
// This file is here before anything is built, so that npm links the command when a checkout is installed.
import '../dist/esm/bin.js';
