// Calls the ten routes of messaging the way a front-end does that was generated from their documentation and knows
// nothing else of us: axios with `url`, `data` and `params`, `data: {}` on GET and DELETE too, every documented body
// field, the server's own among them. Compares each answer with the documented shape; exits with 1 on a difference.
//
//     BASE_URL=http://localhost:8080 node ten-routes.js
'use strict';

const { randomUUID } = require('node:crypto');
const axios = require('axios');
const { answers, api, gateway, refuses, register, run } = require('./session.js');
const { conversation, list, message, nobodyBut, notLongAgo, one } = require('./shapes.js');

/** What a client claims of moments that are the server's to tell. */
const longAgo = '2024-01-15T09:30:00.000Z';

/** Registers somebody, logs them in, and gives them an axios of their own. */
async function person(fullname) {
  const { id, accessToken } = await register(fullname);
  return { id, axios: api('/messaging-api', { Authorization: `Bearer ${accessToken}` }) };
}

async function conversations(ada, ben, cleo) {
  const created = await answers(
    'createConversation',
    ada.axios({
      method: 'POST',
      url: '/v1/conversations',
      data: {
        isGroup: false,
        participantIds: [ada.id, ben.id],
        lastMessageAt: longAgo,
      },
      params: {},
    }),
    one(201, 'POST', 'create', 'conversation', conversation),
  );
  const group = await answers(
    'createConversation, a group',
    ada.axios({
      method: 'POST',
      url: '/v1/conversations',
      data: {
        isGroup: true,
        participantIds: [ada.id, ben.id, cleo.id],
        lastMessageAt: longAgo,
      },
      params: {},
    }),
    one(201, 'POST', 'create', 'conversation', { ...conversation, isGroup: true }),
  );
  const conversationId = group.conversation.id;
  await answers(
    'getConversation',
    ben.axios({
      method: 'GET',
      url: `/v1/conversations/${conversationId}`,
      data: {},
      params: {},
    }),
    one(200, 'GET', 'get', 'conversation', { ...conversation, id: conversationId, _owner: ada.id }),
  );
  await answers(
    'updateConversation',
    ben.axios({
      method: 'PATCH',
      url: `/v1/conversations/${conversationId}`,
      data: {
        isGroup: true,
        participantIds: [cleo.id, ben.id, ada.id],
        lastMessageAt: longAgo,
      },
      params: {},
    }),
    one(200, 'PATCH', 'update', 'conversation', { ...conversation, id: conversationId, lastMessageAt: notLongAgo }),
  );
  await answers('listConversations', ada.axios({ method: 'GET', url: '/v1/conversations', data: {}, params: {} }),
    list('conversations', conversation, 2, 0));
  await answers(
    'listConversations, filtered',
    ada.axios({
      method: 'GET',
      url: '/v1/conversations',
      data: {},
      params: {
        isGroup: true,
        participantIds: [ben.id, cleo.id], // participantIds[]=…&participantIds[]=…
        participantIds_op: 'contains',
        lastMessageAt: ['$today', group.conversation.lastMessageAt.slice(0, 10)], // right at midnight, too
      },
    }),
    list('conversations', { ...conversation, id: conversationId }, 1, 3),
  );
  await answers(
    'deleteConversation',
    ada.axios({
      method: 'DELETE',
      url: `/v1/conversations/${conversationId}`,
      data: {},
      params: {},
    }),
    one(200, 'DELETE', 'delete', 'conversation', { ...conversation, id: conversationId, isActive: false }),
  );
  return created.conversation.id;
}

async function messages(ada, ben, conversationId) {
  const created = await answers(
    'createMessage',
    ada.axios({
      method: 'POST',
      url: '/v1/messages',
      data: {
        content: 'Text',
        senderUserId: ada.id,
        deletedFor: [],
        readBy: [ada.id, ben.id],
        conversationId,
        sentAt: longAgo,
      },
      params: {},
    }),
    one(201, 'POST', 'create', 'message', {
      ...message,
      senderUserId: ada.id,
      readBy: nobodyBut(ada.id),
      conversationId,
      sentAt: notLongAgo,
    }),
  );
  const messageId = created.message.id;
  await answers(
    'getMessage',
    ben.axios({
      method: 'GET',
      url: `/v1/messages/${messageId}`,
      data: {},
      params: {},
    }),
    one(200, 'GET', 'get', 'message', { ...message, id: messageId }),
  );
  await answers(
    'updateMessage',
    ada.axios({
      method: 'PATCH',
      url: `/v1/messages/${messageId}`,
      data: {
        content: 'Another text',
        deletedFor: [],
        readBy: ada.id, // the documentation's examples show one id: it counts as a list
      },
      params: {},
    }),
    one(200, 'PATCH', 'update', 'message', { ...message, content: 'Another text' }),
  );
  await answers('listMessages', ben.axios({ method: 'GET', url: '/v1/messages', data: {}, params: {} }),
    list('messages', message, 1, 0));
  await answers(
    'listMessages, filtered',
    ben.axios({
      method: 'GET',
      url: '/v1/messages',
      data: {},
      params: {
        senderUserId: [ada.id, ben.id], // senderUserId[]=…&senderUserId[]=…
        conversationId,
        sentAt: ['$today', created.message.sentAt.slice(0, 10)],
      },
    }),
    list('messages', { ...message, id: messageId }, 1, 3),
  );
  await answers(
    'listMessages, none',
    ben.axios({ method: 'GET', url: '/v1/messages', data: {}, params: { senderUserId: ben.id, conversationId } }),
    list('messages', message, 0, 2),
  );
  await answers(
    'deleteMessage',
    ada.axios({
      method: 'DELETE',
      url: `/v1/messages/${messageId}`,
      data: {},
      params: {},
    }),
    one(200, 'DELETE', 'delete', 'message', { ...message, id: messageId, isActive: false }),
  );
}

async function refusals(ada, cleo, conversationId) {
  // What the documentation prints is not JSON that anybody would send, but some will.
  const printed = { isGroup: 'Boolean', participantIds: 'ID', lastMessageAt: 'Date' };
  await refuses('createConversation',
    ada.axios({ method: 'POST', url: '/v1/conversations', data: printed, params: {} }),
    400, 'errMsg_isGroupIsNotAValidBoolean');
  const url = `/v1/conversations/${conversationId}`;
  const nobody = axios.create({ baseURL: `${gateway}/messaging-api` });
  const forged = { Authorization: 'Bearer bm90.YQ.dG9rZW4' };
  await refuses('getConversation', ada.axios({ method: 'GET', url: '/v1/conversations/ID', data: {}, params: {} }),
    400, 'errMsg_conversationIdIsNotAValidID');
  await refuses('createMessage',
    ada.axios({ method: 'POST', url: '/v1/messages', data: { conversationId }, params: {} }),
    400, 'errMsg_contentIsRequired');
  await refuses('listMessages', ada.axios({ method: 'GET', url: '/v1/messages', data: {}, params: { sentAt: 'Date' } }),
    400, 'errMsg_sentAtIsNotAValidDate');
  await refuses('getConversation', nobody({ method: 'GET', url, data: {}, params: {} }),
    401, 'errMsg_userNotAuthenticated');
  await refuses('getConversation', nobody({ method: 'GET', url, headers: forged, data: {}, params: {} }),
    401, 'errMsg_userNotAuthenticated');
  await refuses('getConversation', cleo.axios({ method: 'GET', url, data: {}, params: {} }),
    403, 'errMsg_callerIsNotAParticipant');
  await refuses('deleteConversation',
    ada.axios({ method: 'DELETE', url: `/v1/conversations/${randomUUID()}`, data: {}, params: {} }),
    404, 'errMsg_conversationIsNotFound');
  await refuses('getMessage', ada.axios({ method: 'GET', url: `/v1/messages/${randomUUID()}`, data: {}, params: {} }),
    404, 'errMsg_messageIsNotFound');
}

async function main() {
  const [ada, ben, cleo] = await Promise.all(['Ada', 'Ben', 'Cleo'].map(person));
  const conversationId = await conversations(ada, ben, cleo);
  await messages(ada, ben, conversationId);
  await refusals(ada, cleo, conversationId);
}

run(main);
