// A day in the life of two companies that answer their customers with Banter: three agents, a visitor of a web widget, a
// customer of a system of one company's own. Lists reorder, nobody sees the other company, and at the end the unified inbox of
// each agent is what the services that own the conversations say.
//
//     NODE_PATH=$(scripts/npm.sh e2e/client) node docs/walk-through/inbox.js
//
// BASE_URL is the gateway's address, http://localhost:8080 by default. The company's system listens on loopback, which inbox must
// be allowed to reach (BANTER__WEBHOOKS__ALLOWED_NETWORKS=127.0.0.0/8; `make up` allows it). With AGENTS=<file> the agents are
// kept in that file; where it is there already, only their unified inboxes are compared. Exits with 1 on a difference.
'use strict';

const { createHmac, randomUUID } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const { answers: answer, api, refuses, register, run } = require('../../e2e/client/session.js');
const { notLongAgo, shapes } = require('../../e2e/client/shapes.js');

const { integer, text } = shapes;
const site = 'https://shop.example';
const cuid = (value) => text(value) && /^[a-z][a-z0-9]{23}$/.test(value);
const patience = 60_000;
/** A picture of one pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64',
);

/** Calls a route that should answer with 200, unless it is said otherwise. */
const answers = (route, call, expected) => answer(route, call, { statusCode: 200, ...expected });

/** Somebody who works with Banter. */
function agent({ id, accessToken }) {
  const of = (path) => api(path, { Authorization: `Bearer ${accessToken}` });
  return {
    id, accessToken, inbox: of('/inbox-api'), messaging: of('/messaging-api'), threads: of('/conversation-api'),
    listings: of('/listing-api'),
  };
}

/** Waits until something is so. */
async function eventually(what, isSo) {
  for (const begun = Date.now(); ; await new Promise((wake) => setTimeout(wake, 250))) {
    const found = await isSo().catch((error) => ({ error: error.message }));
    if (found === true) return;
    if (Date.now() - begun > patience) throw new Error(`${what}: ${JSON.stringify(found)}`);
  }
}

/** A company's own system: it keeps the webhooks that it gets. */
function system() {
  const got = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
    });
  });
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => {
    ready({ got, url: `http://127.0.0.1:${server.address().port}/hooks`, close: () => server.close() });
  }));
}

/** Signs as Standard Webhooks has it. */
function signature(secret, id, timestamp, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** What the company's system tells us of a customer: what they say, or that there is a conversation with them. */
function tell(channel, secret, message, what = 'messages') {
  const [id, timestamp, body] = [randomUUID(), Math.floor(Date.now() / 1000).toString(), JSON.stringify(message)];
  const headers = {
    'Content-Type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp,
    'webhook-signature': signature(secret, id, timestamp, body),
  };
  return api('/inbox-api', headers).post(`/v1/channelapis/${channel}/${what}`, body);
}

/** The owner sets a company up. */
async function setUp(owner, name, colleagues, url) {
  const { chatbot } = await answers(`POST /v1/chatbots, ${name}`, owner.inbox.post('/v1/chatbots', { name }), {
    statusCode: 201, chatbot: { id: cuid, name, role: 'owner', recordVersion: 1, _owner: owner.id },
  });
  const chatbotId = chatbot.id;
  for (const { id: userId } of colleagues) {
    await answers('POST /v1/chatbots/:id/members', owner.inbox.post(`/v1/chatbots/${chatbotId}/members`, { userId }), {
      statusCode: 201, member: { userId, role: 'agent', isActive: true },
    });
  }
  const { channelWebWidget: widget } = await answers(
    'POST /v1/channelwebwidgets',
    owner.inbox.post('/v1/channelwebwidgets', { chatbotId, authorizedDomains: ['shop.example'] }),
    {
      statusCode: 201,
      channelWebWidget: {
        id: cuid, chatbotId, brandColor: '#007bff', showHeader: true, showPersonalLogo: false, showMessageInput: true,
        authorizedDomains: ['shop.example'],
      },
    },
  );
  const open = (channelType, channelId) => answers(
    `POST /v1/inboxes, ${channelType}`,
    owner.inbox.post('/v1/inboxes', { chatbotId, channelType, channelId, name: `${name}, ${channelType}` }),
    { statusCode: 201, inbox: { id: cuid, chatbotId, channelType, channelId } },
  );
  const shop = (await open('ChannelWebWidget', widget.id)).inbox;
  if (!url) return { chatbotId, widget, shop };
  const { channelApi } = await answers(
    'POST /v1/channelapis',
    owner.inbox.post('/v1/channelapis', { chatbotId, webhookUrl: url }),
    { statusCode: 201, channelApi: { id: cuid, webhookUrl: url, secret: text } },
  );
  const desk = (await open('ChannelApi', channelApi.id)).inbox;
  return { chatbotId, widget, shop, channelApi, desk };
}

/** A visitor comes to the site, and finds the widget there. */
async function visit({ widget }) {
  const at = `/v1/widget/${widget.id}`;
  const from = (Origin, token) => api('/inbox-api', { Origin, ...(token && { Authorization: `Bearer ${token}` }) });
  await answers('GET /v1/widget/:id/config', from(site).get(`${at}/config`), {
    config: { id: widget.id, brandColor: '#007bff', frameAncestors: text },
  });
  await refuses('POST /v1/widget/:id/session, from elsewhere', from('https://evil.example').post(`${at}/session`, {}),
    403, 'errMsg_originIsNotAuthorized');
  const { session } = await answers('POST /v1/widget/:id/session', from(site).post(`${at}/session`, { name: 'Mia' }), {
    statusCode: 201, session: { contactToken: text, contact: { id: cuid, name: 'Mia', isVerified: false }, conversations: [] },
  });
  return { at, client: from(site, session.contactToken), id: session.contact.id };
}

const say = (visitor, message) => visitor.client.post(`${visitor.at}/messages`, message);

/** The agents' list of conversations: which, and how much of it nobody has read. */
const listed = (by, route, expected) => answers(
  `GET /v1/conversations, ${route}`,
  by.inbox.get('/v1/conversations'),
  { conversations: expected.map(([id, unreadCount]) => ({ id, unreadCount })), paging: { totalRowCount: expected.length } },
);

/** Morning: the visitor asks, an agent answers with a choice, the visitor picks. */
async function morning(ben, visitor) {
  const { message } = await answers('POST /v1/widget/:id/messages', say(visitor, { content: 'Is the blue one there?' }), {
    statusCode: 201, message: { id: cuid, seq: 1, sender: { type: 'contact' }, sentAt: notLongAgo },
  });
  const { conversationId } = message;
  await listed(ben, 'with one unread', [[conversationId, 1]]);
  await answers('GET /v1/conversations/:id', ben.inbox.get(`/v1/conversations/${conversationId}`), {
    conversation: { id: conversationId, contact: { id: visitor.id, name: 'Mia' }, status: 'open', bucketToken: text },
  });
  await answers('POST /v1/conversations/:id/seen', ben.inbox.post(`/v1/conversations/${conversationId}/seen`, {}), {
    conversation: { unreadCount: 0, agentReadSeq: 1 },
  });
  const choice = { options: [{ title: 'Small', value: 's' }, { title: 'Medium', value: 'm' }] };
  const { message: asked } = await answers(
    'POST /v1/messages, a choice',
    ben.inbox.post('/v1/messages', { conversationId, messageType: 'choice', content: 'Which size?', body: choice }),
    { statusCode: 201, message: { seq: 2, senderType: 'user', senderId: ben.id } },
  );
  await answers('GET /v1/widget/:id/messages', visitor.client.get(`${visitor.at}/messages`, { params: { conversationId } }), {
    messages: [{ seq: 1 }, { seq: 2, content: 'Which size?', sender: { type: 'user', name: 'Ben' } }],
  });
  await refuses('POST /v1/widget/:id/messages, what was not offered', say(visitor, { answers: asked.id, answer: ['xl'] }),
    400, 'errMsg_answerIsNotOffered');
  await answers('POST /v1/widget/:id/messages, an answer', say(visitor, { answers: asked.id, answer: ['m'] }), {
    statusCode: 201, message: { seq: 3, content: 'Medium', answers: asked.id, answer: ['m'] },
  });
  await answers('POST /v1/widget/:id/seen', visitor.client.post(`${visitor.at}/seen`, { conversationId }), {
    conversation: { unreadCount: 0 },
  });
  return conversationId;
}

/** Noon: a customer writes by the company's own system, is answered there, and the list reorders. */
async function noon(ada, company, desk, visitor, first) {
  const { id, secret } = company.channelApi;
  const message = (sourceId, content) => ({ sourceId, contact: { sourceId: 'customer-7', name: 'Tom' }, message: { content } });
  const { message: heard } = await answers('POST /v1/channelapis/:id/messages',
    tell(id, secret, message('m-1', 'Where is my parcel?')), { statusCode: 201, message: { seq: 1, content: 'Where is my parcel?' } });
  await answers('POST /v1/channelapis/:id/messages, once more',
    tell(id, secret, message('m-1', 'Where is my parcel?')), { statusCode: 200, reused: true, message: { id: heard.id } });
  await refuses('POST /v1/channelapis/:id/messages, signed by somebody else',
    tell(id, 'whsec_AAAA', message('m-2', 'Ha!')), 401, 'errMsg_signatureIsNotValid');
  const second = heard.conversationId;
  await listed(ada, 'the customer first', [[second, 1], [first, 1]]);
  for (const content of ['One moment.', 'It comes tomorrow.']) {
    await answers('POST /v1/messages', ada.inbox.post('/v1/messages', { conversationId: second, content }), {
      statusCode: 201, message: { content },
    });
  }
  await eventually('the webhooks arrive', async () => desk.got.length >= 2 || desk.got.length);
  const bodies = desk.got.map(({ body }) => JSON.parse(body).data.message.content);
  if (bodies.join('|') !== 'One moment.|It comes tomorrow.') throw new Error(`webhooks out of order: ${bodies}`);
  for (const { headers, body } of desk.got) {
    const signed = signature(secret, headers['webhook-id'], headers['webhook-timestamp'], body);
    if (headers['webhook-signature'] !== signed) throw new Error('a webhook is not signed with the secret that is shown');
  }
  await answers('POST /v1/widget/:id/messages', say(visitor, { content: 'Are you there?' }), { statusCode: 201, message: { seq: 4 } });
  await listed(ada, 'reordered', [[first, 2], [second, 1]]);
  await picture(ada, company);
}

/** Another customer begins with a picture: the conversation is there before it. */
async function picture(ada, { channelApi: { id, secret } }) {
  const contact = { sourceId: 'customer-8', name: 'Lia' };
  const { conversation } = await answers('POST /v1/channelapis/:id/conversations', tell(id, secret, { contact }, 'conversations'), {
    statusCode: 201, conversation: { id: cuid, sourceId: 'customer-8', lastSeq: 0, bucketId: text, bucketToken: text },
  });
  const form = new FormData();
  form.append('bucketId', conversation.bucketId);
  form.append('files', new Blob([pixel], { type: 'image/png' }), 'parcel.png');
  const bucket = api('/bucket', { Authorization: `Bearer ${conversation.bucketToken}` });
  const { data: { data } } = await bucket.post('/upload', form);
  const file = data[0].fileId;
  const message = { messageType: 'image', fileIds: [file] };
  // What bucket has told reaches inbox a moment later.
  let last;
  await eventually('the picture is known', async () => {
    last = await tell(id, secret, { sourceId: 'm-3', contact, message }).catch((error) => error.response);
    return last.status === 201 || last.data;
  });
  const attachments = [{ fileId: file, attachmentType: 'image', originalName: 'parcel.png', mimeType: 'image/png' }];
  await answers('GET /v1/messages', ada.inbox.get('/v1/messages', { params: { conversationId: conversation.id } }), {
    messages: [{ seq: 1, messageType: 'image', attachments }],
  });
}

/** Afternoon: status, notes, search, and a company that sees nothing of the other. */
async function afternoon(ben, cleo, company, first, visitor) {
  const one = `/v1/conversations/${first}`;
  await answers('PATCH /v1/conversations/:id', ben.inbox.patch(one, { status: 'resolved', assigneeId: ben.id }), {
    conversation: { status: 'resolved', assigneeId: ben.id, recordVersion: 2 },
  });
  await answers('POST /v1/conversations/:id/notes', ben.inbox.post(`${one}/notes`, { content: 'Likes blue.' }), {
    statusCode: 201, note: { afterSeq: 4, content: 'Likes blue.' },
  });
  await answers('POST /v1/widget/:id/messages', say(visitor, { content: 'One more thing' }), { statusCode: 201, message: { seq: 5 } });
  await answers('GET /v1/conversations/:id, open again', ben.inbox.get(one), { conversation: { status: 'open', recordVersion: 3 } });
  await answers('GET /v1/messages?search=', ben.inbox.get('/v1/messages', { params: { search: 'parcel' } }), {
    messages: [{ content: 'Where is my parcel?' }],
  });
  const get = (path) => cleo.inbox.get(path);
  await refuses('GET /v1/conversations/:id, of another company', get(one), 404, 'errMsg_conversationIsNotFound');
  await refuses('GET /v1/inboxes/:id, of another company', get(`/v1/inboxes/${company.shop.id}`), 404, 'errMsg_inboxIsNotFound');
  await refuses('GET /v1/contacts?chatbotId=, of another company', get(`/v1/contacts?chatbotId=${company.chatbotId}`),
    404, 'errMsg_chatbotIsNotFound');
  await answers('GET /v1/messages?search=, in another company', get('/v1/messages?search=parcel'), { messages: [] });
}

/** Evening: the agents talk among themselves, one sells a bicycle of her own, one makes the other's tea. */
async function evening(ada, ben, cleo, teaRoom) {
  const { conversation } = (await ada.messaging.post('/v1/conversations', {
    isGroup: true, participantIds: [ada.id, ben.id, cleo.id], name: 'After work',
  })).data;
  for (const [by, content] of [[ada, 'Tea?'], [ben, 'Gladly'], [cleo, 'At six']]) {
    await by.messaging.post('/v1/messages', { conversationId: conversation.id, content });
  }
  await ben.messaging.post(`/v1/conversations/${conversation.id}/read`, { upToSeq: 1 });
  const { listing } = (await ada.listings.post('/v1/listings', { title: 'A red bicycle', status: 'active' })).data;
  const { conversationThread } = (await cleo.threads.post('/v1/conversationthreads', {
    listingId: listing.id, receiverId: ada.id,
  })).data;
  await cleo.threads.post('/v1/conversationmessages', { conversationThreadId: conversationThread.id, content: 'How much?' });
  const visitor = await visit(teaRoom);
  await answers('POST /v1/widget/:id/messages', say(visitor, { content: 'Are you open?' }), { statusCode: 201, message: { seq: 1 } });
}

/** What the services that own somebody's conversations say, as the unified inbox shows it. */
async function truth(of) {
  const all = { params: { pageNumber: 0 } };
  const [inbox, messaging, threads] = await Promise.all([
    of.inbox.get('/v1/conversations', all), of.messaging.get('/v1/conversations', all),
    of.threads.get('/v1/conversationthreads', all),
  ]);
  const entry = (source) => ({ id, unreadCount, lastMessageAt, lastMessage }) => (
    { source, conversationId: id, unreadCount, lastMessageAt, seq: lastMessage?.seq, content: lastMessage?.content });
  return [
    ...inbox.data.conversations.map(entry('inbox')), ...messaging.data.conversations.map(entry('messaging')),
    ...threads.data.conversationThreads.map(entry('conversation')),
  ];
}

/** Waits until somebody's unified inbox is the truth, in its order. */
async function unified(name, of) {
  await eventually(`${name}'s unified inbox`, async () => {
    const { data } = await of.inbox.get('/v1/inboxentries', { params: { pageNumber: 0 } });
    const shown = data.inboxEntries.map(({ source, conversationId, unreadCount, lastMessageAt, lastMessage }) => (
      { source, conversationId, unreadCount, lastMessageAt, seq: lastMessage?.seq, content: lastMessage?.content }));
    const inOrder = shown.every(({ lastMessageAt }, at) => at === 0 || lastMessageAt <= shown[at - 1].lastMessageAt);
    const text = (entries) => JSON.stringify([...entries].sort((a, b) => (a.conversationId < b.conversationId ? -1 : 1)));
    const expected = await truth(of);
    return (inOrder && expected.length > 1 && text(shown) === text(expected)) || { shown, expected };
  });
  const unread = (await truth(of)).reduce((sum, { unreadCount }) => sum + unreadCount, 0);
  await answers(`GET /v1/inboxentries, ${name}'s`, of.inbox.get('/v1/inboxentries'), { unreadCount: unread, rowCount: integer });
}

async function day() {
  const [ada, ben, cleo] = (await Promise.all(['Ada', 'Ben', 'Cleo'].map(register))).map(agent);
  const desk = await system();
  const bikes = await setUp(ada, 'Bikes & Co', [ben], desk.url);
  const tea = await setUp(cleo, 'Tea Room', []);
  const visitor = await visit(bikes);
  const first = await morning(ben, visitor);
  await noon(ada, bikes, desk, visitor, first);
  await afternoon(ben, cleo, bikes, first, visitor);
  await evening(ada, ben, cleo, tea);
  desk.close();
  return { ada, ben, cleo };
}

async function main() {
  const file = process.env.AGENTS;
  const known = file && fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8'));
  const agents = known ? Object.fromEntries(Object.entries(known).map(([name, of]) => [name, agent(of)])) : await day();
  if (file && !known) {
    const kept = Object.entries(agents).map(([name, { id, accessToken }]) => [name, { id, accessToken }]);
    fs.writeFileSync(file, JSON.stringify(Object.fromEntries(kept)), { mode: 0o600 });
  }
  for (const [name, of] of Object.entries(agents)) await unified(name, of);
}

run(main);
