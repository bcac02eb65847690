//! What is stored of a text: never markup.
