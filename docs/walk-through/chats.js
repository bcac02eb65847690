// A small client chats: it writes to somebody whom it only knows by id, lists its chats, makes a group and talks there;
// each route of the chats dialect called by axios the way its documentation writes it, with the token in the header
// `token`. Every answer is compared with the documented one, field by field.
//
//     NODE_PATH=$(scripts/npm.sh e2e/client) node docs/walk-through/chats.js
//
// BASE_URL is the gateway's address, http://localhost:8080 by default. Exits with 1 on a difference.
'use strict';

const { randomUUID } = require('node:crypto');
const axios = require('axios');
const { api, compare, gateway, register, run } = require('../../e2e/client/session.js');
const { notLongAgo, refusal, shapes } = require('../../e2e/client/shapes.js');

const { date, id, textOrNull } = shapes;
/** In every answer and refusal, `code` is the HTTP status. */
const answers = (route, call, expected) => compare(route, call, { ...expected, code: 200 }, 200);
const refuses = (route, call, status, code) =>
  compare(`${route} (${code})`, call, { ...refusal(status, code), code: status });

/** Registers somebody, logs them in and gives them an axios of their own. */
async function person(fullname) {
  const { id, accessToken } = await register(fullname);
  return { id, chats: api('', { token: accessToken }) };
}

const message = (seq, sender, type, content) => ({
  id, chatId: id, seq, senderId: sender.id, type, content, sentAt: date, replyTo: null, reactions: [],
});

/** Two people in private. */
async function privately(ada, ben) {
  const sent = await answers(
    'POST /chats/messages, to a person',
    ada.chats.post('/chats/messages', {
      userUUID: ben.id,
      message: {
        type: 'text', //text\docId\link\location\profileId
        content: 'Hello 👋🏽',
      },
    }),
    { id, chatId: id, seq: 1, sentAt: notLongAgo },
  );
  const { chatId } = sent;
  await answers(
    'POST /chats/messages, to the chat',
    ben.chats.post('/chats/messages', {
      chatId,
      message: { type: 'location', content: { lat: 48.2166, lng: 16.3958, name: 'Prater 🎡' } },
    }),
    { id, chatId, seq: 2 },
  );
  await answers(
    'GET /chats/messages, by the body',
    ada.chats.get('/chats/messages', { data: { chatId, limit: 10, skip: 0, startAt: 0, endAt: Date.now() + 60_000 } }),
    {
      messages: [
        message(1, ada, 'text', 'Hello 👋🏽'),
        message(2, ben, 'location', { lat: 48.2166, lng: 16.3958, name: 'Prater 🎡' }),
      ],
      meta: { limit: 10, skip: 0, total: 2, nextCursor: null },
    },
  );
  await answers(
    'GET /chats/messages, by the query',
    ada.chats.get('/chats/messages', { params: { chatId, limit: 1, skip: 1 } }),
    { messages: [message(1, ada, 'text', 'Hello 👋🏽')], meta: { limit: 1, skip: 1, total: 2, nextCursor: null } },
  );
  await answers('GET /chats', ben.chats.get('/chats'), {
    chats: [{
      id: chatId, chatId, type: 1, name: 'Ada', icon: textOrNull, unRead: 1,
      lastMessage: { seq: 2, type: 'location', senderId: ben.id, sentAt: notLongAgo },
    }],
    meta: { limit: 25, skip: 0, total: 1, nextCursor: null },
  });
  return sent;
}

/** Several in a group. */
async function inGroups(ada, ben, cleo, dora) {
  const users = [ada.id, ben.id, cleo.id];
  const discussion = await answers(
    'POST /chats/messages, to several people',
    ada.chats.post('/chats/messages', {
      userUUIDs: [ben.id, cleo.id],
      message: { type: 'link', content: 'https://example.com/agenda' },
    }),
    { id, chatId: id, groupId: id, seq: 1 },
  );
  await answers('GET /chats/groups/:id', cleo.chats.get(`/chats/groups/${discussion.groupId}`), {
    id: discussion.chatId, groupId: discussion.chatId, name: null, users,
  });
  const { id: groupId } = await answers(
    'POST /chats/groups',
    ada.chats.post('/chats/groups', { users: [ben.id, cleo.id], name: '🏔️ Trip', desc: 'Where we go in May' }),
    { id, chatId: id, groupId: id, name: '🏔️ Trip', icon: null, desc: 'Where we go in May', users },
  );
  await answers(
    'POST /chats/messages, to a group',
    ben.chats.post('/chats/messages', { groupUUID: groupId, message: { type: 'profileId', content: dora.id } }),
    { id, chatId: groupId, groupId, seq: 1 },
  );
  await answers(
    'POST /chats/groups/:id/users',
    ben.chats.post(`/chats/groups/${groupId}/users`, { users: [dora.id] }),
    { users: [...users, dora.id] },
  );
  await answers('PATCH /chats/groups/:id', dora.chats.patch(`/chats/groups/${groupId}`, { name: 'Trip 2' }), {
    name: 'Trip 2', desc: 'Where we go in May',
  });
  await answers(
    'DELETE /chats/groups/:id/users/:id, another',
    ben.chats.delete(`/chats/groups/${groupId}/users/${cleo.id}`),
    { users: [ada.id, ben.id, dora.id], effect: 'removed' },
  );
  await answers(
    'DELETE /chats/groups/:id/users/:id, oneself',
    ada.chats.delete(`/chats/groups/${groupId}/users/${ada.id}`),
    { users: [ben.id, dora.id], owner: ben.id, effect: 'left' },
  );
  const nobody = { id: null };
  await answers('GET /chats/messages, what dora sees', dora.chats.get('/chats/messages', { params: { chatId: groupId } }), {
    messages: [
      message(2, nobody, 'system', 'Ben added Dora.'),
      message(3, nobody, 'system', 'Dora named the group “Trip 2”.'),
      message(4, nobody, 'system', 'Ben removed Cleo.'),
      message(5, nobody, 'system', 'Ada left.'),
    ],
  });
}

/** Replies and reactions. */
async function about(ada, ben, { id: messageId, chatId }) {
  const thumb = `/chats/messages/${messageId}/reactions/${encodeURIComponent('👍🏽')}`;
  await answers('PUT /chats/messages/:id/reactions/:emoji', ben.chats.put(thumb), {
    id: messageId, chatId, reactions: [{ emoji: '👍🏽', count: 1, userIds: [ben.id], mine: true }],
  });
  await answers(
    'POST /chats/messages, a reply',
    ada.chats.post('/chats/messages', { chatId, message: { type: 'text', content: 'See?', replyTo: messageId } }),
    { id, chatId, seq: 3 },
  );
  await answers('GET /chats/messages, with both', ada.chats.get('/chats/messages', { params: { chatId } }), {
    messages: [
      { ...message(1, ada, 'text', 'Hello 👋🏽'), reactions: [{ emoji: '👍🏽', count: 1, mine: false }] },
      { seq: 2 },
      { ...message(3, ada, 'text', 'See?'), replyTo: messageId },
    ],
  });
  await answers('DELETE /chats/messages/:id/reactions/:emoji', ben.chats.delete(thumb), { reactions: [] });
}

async function refusals(ada, ben, stranger, chatId) {
  const send = (by, data) => by.chats.post('/chats/messages', data);
  const hello = { type: 'text', content: 'Hello' };
  await refuses('POST /chats/messages, to nobody', send(ada, { message: hello }),
    400, 'errMsg_exactlyOneOfChatIdUserUUIDUserUUIDsGroupUUID');
  await refuses('POST /chats/messages, to oneself', send(ada, { userUUID: ada.id, message: hello }),
    400, 'errMsg_userUUIDIsTheCaller');
  await refuses('POST /chats/messages, to a stranger to everybody', send(ada, { userUUID: randomUUID(), message: hello }),
    400, 'errMsg_userUUIDIsNotKnown');
  await refuses('POST /chats/messages', send(ada, { chatId, message: { type: 'link', content: 'javascript:alert(1)' } }),
    400, 'errMsg_contentIsNotValid');
  await refuses('POST /chats/messages', send(ada, { chatId, message: { type: 'docId', content: randomUUID() } }),
    400, 'errMsg_contentIsNoFile');
  await refuses('GET /chats/messages', stranger.chats.get('/chats/messages', { params: { chatId } }),
    403, 'errMsg_callerIsNotAParticipant');
  await refuses('GET /chats/messages', ben.chats.get('/chats/messages', { params: { chatId, limit: -1 } }),
    400, 'errMsg_limitIsNotValid');
  await refuses('GET /chats, without a token', axios.get(`${gateway}/chats`), 401, 'errMsg_userNotAuthenticated');
}

async function main() {
  const [ada, ben, cleo, dora, stranger] = await Promise.all(['Ada', 'Ben', 'Cleo', 'Dora', 'Sam'].map(person));
  const sent = await privately(ada, ben);
  await about(ada, ben, sent);
  await inGroups(ada, ben, cleo, dora);
  await refusals(ada, ben, stranger, sent.chatId);
}

run(main);
