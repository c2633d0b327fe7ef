import * as core from '@entra-guard/core';
import * as expressGuard from '@entra-guard/express';
import * as mcp from '@entra-guard/mcp';
import { startEntra } from '@entra-guard/testing';
import * as node from '@modelcontextprotocol/node';
import * as server from '@modelcontextprotocol/sdk/server/mcp.js';
import * as transport from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as second from '@modelcontextprotocol/server';
import express from 'express';
import express4 from 'express4';
import { z } from 'zod';
import check from './check.cjs';

await check({
  core,
  expressGuard,
  mcp,
  startEntra,
  first: { ...server, ...transport },
  second: { ...second, ...node },
  hosts: { 'Express 4': express4, 'Express 5': express },
  z,
});
