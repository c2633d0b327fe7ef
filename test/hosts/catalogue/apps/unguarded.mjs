import express from 'express5';

const app = express();
app.get('/orders', (_request, response) => response.json([]));
export default app;
