CREATE TABLE note (id uuid NOT NULL, text text NOT NULL, CONSTRAINT note_pkey PRIMARY KEY (id));
