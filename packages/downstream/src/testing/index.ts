export { type TestAnswer, type TestCall, type TestDownstream, testDownstream } from './test-downstream.js';
