import * as core from '@entra-guard/core';
import * as downstream from '@entra-guard/downstream';
import * as stand from '@entra-guard/downstream/testing';
import * as expressGuard from '@entra-guard/express';
import * as graph from '@entra-guard/graph';
import * as redis from '@entra-guard/redis';
import * as operator from '@entra-guard/redis/operator';
import { startEntra } from '@entra-guard/testing';
import express from 'express';
import check from './check.cjs';

await check({ core, downstream, expressGuard, graph, operator, redis, stand, startEntra, express });
