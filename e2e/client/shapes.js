// What answers look like: field names and types as the documentation prints them, and how to compare with them.
'use strict';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A check that a report calls by this name. */
const named = (name, check) => Object.defineProperty(check, 'name', { value: name });

const text = (value) => typeof value === 'string';
const number = (value) => typeof value === 'number' && Number.isFinite(value);
const integer = (value) => Number.isInteger(value);
const boolean = (value) => typeof value === 'boolean';
const id = (value) => text(value) && UUID.test(value);
const ids = (value) => Array.isArray(value) && value.every(id);
const date = (value) => text(value) && INSTANT.test(value) && !Number.isNaN(Date.parse(value));
const orNull = (check) => named(`${check.name} or null`, (value) => value === null || check(value));
const textOrNull = orNull(text);
const object = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const nobodyBut = (one) => named(`[${one}]`, (value) => Array.isArray(value) && value.length === 1 && value[0] === one);
const notLongAgo = (value) => date(value) && Date.now() - Date.parse(value) < 60_000;

/** A message. Arrays are arrays, though the documentation's examples show one id. */
const message = {
  id,
  content: text,
  senderUserId: id,
  deletedFor: ids,
  readBy: ids,
  conversationId: id,
  sentAt: date,
  isActive: true,
  recordVersion: integer,
  createdAt: date,
  updatedAt: date,
  _owner: id,
};

/** A conversation. */
const conversation = {
  id,
  isGroup: boolean,
  participantIds: ids,
  lastMessageAt: date,
  isActive: true,
  recordVersion: integer,
  createdAt: date,
  updatedAt: date,
  _owner: id,
};

/** What every answer has. */
const envelope = (statusCode, method, action, dataName) => ({
  status: 'OK',
  statusCode,
  elapsedMs: number,
  ssoTime: number,
  source: text,
  cacheKey: textOrNull,
  userId: id,
  sessionId: id,
  requestId: text,
  dataName,
  method,
  action,
  appVersion: text,
  rowCount: integer,
});

/** The answer with one object. */
const one = (statusCode, method, action, dataName, shape) => ({
  ...envelope(statusCode, method, action, dataName),
  rowCount: 1,
  [dataName]: shape,
});

/** A filter as the answer repeats it. */
const filter = { name: text, values: named('a list', Array.isArray) };

/** The answer with all objects on one page, and as many filters as were applied. */
const list = (dataName, shape, rowCount, filterCount) => ({
  ...envelope(200, 'GET', 'list', dataName),
  rowCount,
  [dataName]: Array(rowCount).fill(shape),
  paging: { pageNumber: 1, pageRowCount: 25, totalRowCount: rowCount, pageCount: rowCount === 0 ? 0 : 1 },
  filters: Array(filterCount).fill(filter),
  uiPermissions: [],
});

/** The answer to what is refused. */
const refusal = (status, code) => ({
  result: 'ERR',
  status,
  message: code,
  errCode: status,
  date,
  detail: text,
});

/**
 * Every difference between a value and its shape, in words. A shape is a predicate, a list of shapes, an object of
 * shapes, or the very value. Fields beyond the shape are no difference: clients ignore them.
 */
function differences(value, shape, place) {
  const shown = JSON.stringify(value);
  if (typeof shape === 'function') {
    return shape(value) ? [] : [`${place} should be ${shape.name}, is ${shown}`];
  }
  if (Array.isArray(shape)) {
    if (value?.length !== shape.length) return [`${place} should be a list of ${shape.length}, is ${shown}`];
    return shape.flatMap((element, at) => differences(value[at], element, `${place}[${at}]`));
  }
  if (typeof shape === 'object' && shape !== null) {
    if (typeof value !== 'object' || value === null) return [`${place} should be an object, is ${shown}`];
    return Object.entries(shape).flatMap(([name, field]) => differences(value[name], field, `${place}.${name}`));
  }
  return value === shape ? [] : [`${place} should be ${JSON.stringify(shape)}, is ${shown}`];
}

/** Predicates by the names that the documentation gives to types. */
const shapes = {
  boolean,
  date,
  dateOrNull: orNull(date),
  id,
  idOrNull: orNull(id),
  integer,
  integerOrNull: orNull(integer),
  numberOrNull: orNull(number),
  object,
  text,
  textOrNull,
};

module.exports = { conversation, differences, list, message, nobodyBut, notLongAgo, one, refusal, shapes };
