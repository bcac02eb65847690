// What every client here does: it signs people in, calls, compares each answer with the documented one, and reports.
'use strict';

const { randomUUID } = require('node:crypto');
const axios = require('axios');
const { differences, refusal } = require('./shapes.js');

const gateway = process.env.BASE_URL ?? 'http://localhost:8080';
const password = 'correct horse battery';
const problems = [];

/** Waits for an answer, or a refusal: axios throws, and front-ends read `error.response`. Notes every difference. */
async function compare(route, call, expected, wanted = expected.statusCode ?? expected.status) {
  const { status, data, config } = await call.catch((error) => error.response ?? Promise.reject(error));
  const found = differences(data, expected, 'answer');
  if (status !== wanted) found.unshift(`HTTP status should be ${wanted}, is ${status}`);
  console.log(`${found.length === 0 ? 'ok  ' : 'FAIL'}  ${status}  ${config.method.toUpperCase().padEnd(6)}  ${route}`);
  problems.push(...found.map((difference) => `${route}: ${difference}`));
  return data;
}

/** Calls a route that should answer. */
const answers = (route, call, expected) => compare(route, call, expected);

/** Calls a route that should refuse. */
const refuses = (route, call, status, code) => compare(`${route} (${code})`, call, refusal(status, code));

/** Logs somebody in. */
async function logIn(email, secret) {
  const { data } = await axios.post(`${gateway}/auth-api/login`, { email, password: secret });
  return { id: data.user.id, accessToken: data.accessToken };
}

/** Registers somebody and logs them in. */
async function register(fullname) {
  const email = `${randomUUID()}@example.com`;
  await axios.post(`${gateway}/auth-api/v1/users`, { email, password, fullname });
  return logIn(email, password);
}

/** An axios of somebody's own for the API at a path of the gateway. */
const api = (path, headers) => axios.create({ baseURL: `${gateway}${path}`, headers });

/** Runs a client to its end; the process ends with 1 when anything was not as documented. */
function run(main) {
  const report = () => {
    if (problems.length === 0) return;
    console.error(`\n${problems.length} differences from the documentation:\n  ${problems.join('\n  ')}`);
    process.exitCode = 1;
  };
  main().then(report).catch((error) => {
    console.error(error.response ? { status: error.response.status, answer: error.response.data } : error);
    process.exitCode = 1;
  });
}

module.exports = { answers, api, compare, gateway, logIn, refuses, register, run };
