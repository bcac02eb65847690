// A buyer finds a listing, writes to its seller, both read, and somebody of the staff takes a message out: each route of
// the marketplace's threads called the way a front-end does that was generated from their documentation, by axios with
// `method`, `url`, `data` and `params`. Every answer is compared with the documented one, field by field.
//
//     NODE_PATH=$(scripts/npm.sh e2e/client) STAFF_EMAIL=… STAFF_PASSWORD=… node docs/walk-through/threads.js
//
// BASE_URL is the gateway's address, http://localhost:8080 by default. Exits with 1 on a difference.
'use strict';

const { randomUUID } = require('node:crypto');
const { answers, api, logIn, refuses, register, run } = require('../../e2e/client/session.js');
const { list, notLongAgo, one, shapes } = require('../../e2e/client/shapes.js');

const { boolean, date, dateOrNull, id, idOrNull, integer, integerOrNull, numberOrNull, object, text, textOrNull } = shapes;
/** What a client claims of moments that are the server's to tell. */
const longAgo = '2024-01-15T09:30:00.000Z';

const conversationMessage = {
  id,
  content: text,
  conversationThreadId: id,
  isRead: boolean,
  readAt: dateOrNull,
  receiverId: id,
  senderId: id,
  sentAt: date,
  isActive: true,
  recordVersion: integer,
  createdAt: date,
  updatedAt: date,
  _owner: id,
};
const conversationThread = {
  id,
  lastMessageAt: date,
  listingId: id,
  receiverId: id,
  senderId: id,
  isActive: true,
  recordVersion: integer,
  createdAt: date,
  updatedAt: date,
  _owner: id,
};
const listing = {
  attributes: object,
  categoryId: idOrNull,
  condition: textOrNull,
  condition_idx: integerOrNull,
  contactEmail: textOrNull,
  contactPhone: textOrNull,
  currency: textOrNull,
  description: textOrNull,
  expiresAt: dateOrNull,
  favoriteCount: integer,
  isPremium: boolean,
  listingType: text,
  listingType_idx: integer,
  locationId: idOrNull,
  _paymentConfirmation: null,
  premiumExpiry: dateOrNull,
  premiumType: text,
  premiumType_idx: integer,
  price: numberOrNull,
  status: text,
  status_idx: integer,
  subcategoryId: idOrNull,
  title: text,
  userId: id,
  viewsCount: integer,
};

/** Gives somebody an axios of their own. */
function person({ id, accessToken }) {
  const headers = { Authorization: `Bearer ${accessToken}` };
  return { id, axios: api('/conversation-api', headers), listings: api('/listing-api', headers) };
}

/** The ten routes, in the order in which people come to them. */
async function walk(seller, buyer, staff) {
  const offered = await seller.listings({
    method: 'POST',
    url: '/v1/listings',
    data: { title: 'A red bicycle', price: 120.5, currency: 'EUR', condition: 'used', status: 'active' },
  });
  const listingId = offered.data.listing.id;
  const card = { status: 'active', status_idx: 1, title: 'A red bicycle', userId: seller.id };
  const thread = { ...conversationThread, listingId, senderId: buyer.id, receiverId: seller.id, _owner: buyer.id };

  const begun = await answers(
    'createConversationThread',
    buyer.axios({
      method: 'POST',
      url: '/v1/conversationthreads',
      data: {
        lastMessageAt: longAgo,
        listingId,
        receiverId: seller.id,
        senderId: buyer.id,
      },
      params: {},
    }),
    one(201, 'POST', 'create', 'conversationThread', { ...thread, recordVersion: 1, lastMessageAt: notLongAgo }),
  );
  const conversationThreadId = begun.conversationThread.id;
  await answers(
    'createConversationThread, again and the other way round',
    seller.axios({
      method: 'POST',
      url: '/v1/conversationthreads',
      data: { lastMessageAt: longAgo, listingId, receiverId: buyer.id, senderId: seller.id },
      params: {},
    }),
    { ...one(200, 'POST', 'create', 'conversationThread', { ...thread, id: conversationThreadId }), reused: true },
  );
  const said = await answers(
    'createConversationMessage',
    buyer.axios({
      method: 'POST',
      url: '/v1/conversationmessages',
      data: {
        content: '<b>Is it</b> still there?',
        conversationThreadId,
        isRead: true,
        readAt: longAgo,
        receiverId: seller.id,
        senderId: buyer.id,
        sentAt: longAgo,
      },
      params: {},
    }),
    one(201, 'POST', 'create', 'conversationMessage', {
      ...conversationMessage,
      content: 'Is it still there?',
      conversationThreadId,
      isRead: false,
      readAt: null,
      receiverId: seller.id,
      senderId: buyer.id,
      sentAt: notLongAgo,
      recordVersion: 1,
      _owner: buyer.id,
    }),
  );
  const conversationMessageId = said.conversationMessage.id;
  const message = { ...conversationMessage, id: conversationMessageId, content: 'Is it still there?' };
  await answers(
    'getConversationThread',
    seller.axios({
      method: 'GET',
      url: `/v1/conversationthreads/${conversationThreadId}`,
      data: {},
      params: {},
    }),
    one(200, 'GET', 'get', 'conversationThread', { listing: card, isActive: true, unreadCount: 1 }),
  );
  await answers(
    'listConversationThreads',
    seller.axios({
      method: 'GET',
      url: '/v1/conversationthreads',
      data: {},
      params: {},
    }),
    list('conversationThreads', { listing: [card], isActive: true, unreadCount: 1 }, 1, 0),
  );
  await answers(
    'getConversationMessage',
    seller.axios({
      method: 'GET',
      url: `/v1/conversationmessages/${conversationMessageId}`,
      data: {},
      params: {},
    }),
    one(200, 'GET', 'get', 'conversationMessage', { ...message, isRead: false }),
  );
  await answers(
    'markMessageAsRead',
    seller.axios({
      method: 'PATCH',
      url: `/v1/markmessageasread/${conversationMessageId}`,
      data: {
        isRead: true,
        readAt: longAgo,
      },
      params: {},
    }),
    one(200, 'PATCH', 'update', 'conversationMessage', {
      ...message, isRead: true, readAt: notLongAgo, recordVersion: 2,
    }),
  );
  await answers(
    'listConversationMessages',
    buyer.axios({
      method: 'GET',
      url: `/v1/listconversationmessages/${conversationThreadId}`,
      data: {},
      params: {
        conversationThreadId,
      },
    }),
    list('conversationMessages', { ...message, isRead: true }, 1, 0),
  );
  await answers(
    '_fetchListConversationMessage',
    buyer.axios({
      method: 'GET',
      url: '/v1/_fetchlistconversationmessage',
      data: {},
      params: {},
    }),
    list('conversationMessages', {
      ...message,
      thread: [{ lastMessageAt: date, listingId, receiverId: seller.id, senderId: buyer.id }],
      receiverUser: [{ fullname: 'Selma' }],
      senderUser: [{ fullname: 'Ben' }],
    }, 1, 0),
  );
  await answers(
    '_fetchListConversationThread',
    seller.axios({
      method: 'GET',
      url: '/v1/_fetchlistconversationthread',
      data: {},
      params: {},
    }),
    list('conversationThreads', {
      ...thread,
      listing: [{ ...listing, ...card, price: 120.5, condition: 'used', condition_idx: 1 }],
      receiverUser: [{ fullname: 'Selma' }],
      senderUser: [{ fullname: 'Ben' }],
    }, 1, 0),
  );
  await answers(
    'deleteConversationMessage',
    staff.axios({
      method: 'DELETE',
      url: `/v1/conversationmessages/${conversationMessageId}`,
      data: {},
      params: {},
    }),
    one(200, 'DELETE', 'delete', 'conversationMessage', { ...message, isActive: false, recordVersion: 3 }),
  );
  return { listingId, conversationThreadId, conversationMessageId };
}

async function refusals(seller, buyer, stranger, { listingId, conversationThreadId, conversationMessageId }) {
  const call = (by, method, url, data = {}, params = {}) => by.axios({ method, url, data, params });
  const thread = `/v1/conversationthreads/${conversationThreadId}`;
  const message = `/v1/conversationmessages/${conversationMessageId}`;
  await refuses('createConversationThread',
    call(buyer, 'POST', '/v1/conversationthreads', { listingId: 'ID', receiverId: 'ID', senderId: 'ID' }),
    400, 'errMsg_listingIdIsNotAValidID');
  await refuses('createConversationThread',
    call(buyer, 'POST', '/v1/conversationthreads', { listingId: randomUUID(), receiverId: seller.id }),
    400, 'errMsg_listingIdIsNotKnown');
  await refuses('createConversationThread',
    call(buyer, 'POST', '/v1/conversationthreads', { listingId, receiverId: stranger.id, senderId: buyer.id }),
    403, 'errMsg_listingIdIsAnothers');
  await refuses('createConversationMessage',
    call(buyer, 'POST', '/v1/conversationmessages', { conversationThreadId, content: '<script>alert(1)</script>' }),
    400, 'errMsg_contentIsMarkupOnly');
  await refuses('listConversationMessages',
    call(buyer, 'GET', `/v1/listconversationmessages/${conversationThreadId}`, {}, { conversationThreadId: randomUUID() }),
    400, 'errMsg_conversationThreadIdDiffers');
  await refuses('getConversationThread', call(stranger, 'GET', thread), 403, 'errMsg_callerIsNotInTheThread');
  await refuses('deleteConversationMessage', call(buyer, 'DELETE', message), 403, 'errMsg_callerIsNotStaff');
  await refuses('getConversationMessage', call(buyer, 'GET', message), 404, 'errMsg_conversationMessageIsNotFound');
}

async function main() {
  const [seller, buyer, stranger] = (await Promise.all(['Selma', 'Ben', 'Sam'].map(register))).map(person);
  const staff = person(await logIn(process.env.STAFF_EMAIL, process.env.STAFF_PASSWORD));
  const made = await walk(seller, buyer, staff);
  await refusals(seller, buyer, stranger, made);
}

run(main);
