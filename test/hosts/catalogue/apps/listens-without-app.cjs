const { createServer } = require('node:http');

const server = createServer((_request, response) => response.end());
server.listen(1, () => console.log(server.address().port));
