import express from 'express5';

export default express();
