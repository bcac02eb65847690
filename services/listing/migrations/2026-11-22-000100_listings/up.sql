CREATE TABLE listing (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    title text NOT NULL,
    description text,
    price double precision,
    currency text,
    attributes jsonb NOT NULL,
    category_id uuid,
    subcategory_id uuid,
    location_id uuid,
    condition text,
    listing_type text NOT NULL,
    status text NOT NULL,
    premium_type text NOT NULL DEFAULT 'none',
    is_premium boolean NOT NULL DEFAULT false,
    premium_expiry timestamptz,
    payment_confirmation text,
    contact_email text,
    contact_phone text,
    expires_at timestamptz,
    -- How many rows favorite and view have of it, counted in the transactions that add or take them.
    favorite_count bigint NOT NULL DEFAULT 0,
    views_count bigint NOT NULL DEFAULT 0,
    is_active boolean NOT NULL,
    record_version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What a search finds it by: the terms of title and description.
    terms tsvector NOT NULL,
    CONSTRAINT listing_pkey PRIMARY KEY (id),
    CONSTRAINT listing_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT listing_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT listing_price_check CHECK (price BETWEEN 0 AND 1e15),
    CONSTRAINT listing_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT listing_attributes_check CHECK (jsonb_typeof(attributes) = 'object'),
    CONSTRAINT listing_condition_check CHECK (condition IN ('new', 'used', 'refurbished')),
    CONSTRAINT listing_listing_type_check CHECK (listing_type IN ('sale', 'rent', 'wanted', 'service')),
    CONSTRAINT listing_status_check CHECK (status IN ('draft', 'active', 'sold', 'expired', 'removed')),
    CONSTRAINT listing_premium_type_check CHECK (premium_type IN ('none', 'bronze', 'silver', 'gold')),
    CONSTRAINT listing_favorite_count_check CHECK (favorite_count >= 0),
    CONSTRAINT listing_views_count_check CHECK (views_count >= 0)
    -- Room for the counts to change in place.
) WITH (fillfactor = 90);

-- Lists are newest first, whatever else they are asked for.
CREATE INDEX listing_created_at_idx ON listing (created_at, id);
CREATE INDEX listing_user_id_idx ON listing (user_id, created_at, id);
CREATE INDEX listing_category_id_idx ON listing (category_id, created_at, id);
CREATE INDEX listing_subcategory_id_idx ON listing (subcategory_id, created_at, id);
CREATE INDEX listing_location_id_idx ON listing (location_id, created_at, id);
CREATE INDEX listing_status_idx ON listing (status, created_at, id);
CREATE INDEX listing_is_premium_idx ON listing (created_at, id) WHERE is_premium;
CREATE INDEX listing_price_idx ON listing (price);
CREATE INDEX listing_terms_idx ON listing USING gin (terms);
-- Whose listings go when a user is deleted.
CREATE INDEX listing_owner_idx ON listing (user_id) WHERE is_active;
-- What expires next.
CREATE INDEX listing_expires_at_idx ON listing (expires_at) WHERE is_active AND status = 'active';

-- Who has which among their favourites.
CREATE TABLE favorite (
    listing_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT favorite_pkey PRIMARY KEY (listing_id, user_id),
    CONSTRAINT favorite_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listing (id)
);

-- Who but its owner has opened which, and when first.
CREATE TABLE view (
    listing_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT view_pkey PRIMARY KEY (listing_id, user_id),
    CONSTRAINT view_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listing (id)
);

-- Users who were deleted lately, whose listings go with them. It is kept for as long as a token of theirs may still be
-- shown.
CREATE TABLE departed_user (
    user_id uuid NOT NULL,
    departed_at timestamptz NOT NULL,
    CONSTRAINT departed_user_pkey PRIMARY KEY (user_id)
);
