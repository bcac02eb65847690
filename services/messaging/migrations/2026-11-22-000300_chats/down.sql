DROP TABLE reaction;
-- What the system said becomes the creator's: numbers have no gaps.
ALTER TABLE message DROP CONSTRAINT message_sender_id_check, DROP CONSTRAINT message_kind_check;
UPDATE message SET sender_id = creator_id FROM conversation
    WHERE conversation.id = message.conversation_id AND message.sender_id IS NULL;
UPDATE message SET kind = 'text' WHERE kind <> 'text';
ALTER TABLE message
    DROP COLUMN reaction_rev,
    DROP COLUMN reply_to,
    ALTER COLUMN sender_id SET NOT NULL,
    ADD CONSTRAINT message_kind_check CHECK (kind IN ('text'));
ALTER TABLE conversation
    DROP COLUMN description,
    DROP COLUMN icon,
    DROP COLUMN name;
